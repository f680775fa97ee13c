//! Messages to ledgers: their version, and the dispatch on the name of the command.

use serde_json::value::RawValue;

use super::error::StorageError;
use crate::core::command::{MESSAGE_VERSION, Message};
use crate::core::{Command, Reply, Request};

/// A request whose command is not read yet. Code over it is compiled once for all commands.
pub(super) type AnyRequest = Request<Box<RawValue>>;

/// Reads the envelope of a message.
///
/// # Errors
/// [`StorageError::MessageVersion`] if the message requires a newer version: this code might grant what the message
/// denies. [`StorageError::Json`] if the message is malformed.
pub(super) fn open(message: &str) -> Result<Message<'_>, StorageError> {
    let message: Message<'_> = read("message", message)?;
    if message.version > MESSAGE_VERSION {
        return Err(StorageError::MessageVersion { version: message.version, max: MESSAGE_VERSION });
    }
    Ok(message)
}

/// Reads a value from JSON.
pub(super) fn read<'a, T: serde::Deserialize<'a>>(what: &'static str, text: &'a str) -> Result<T, StorageError> {
    serde_json::from_str(text).map_err(|error| StorageError::json(what, &error))
}

/// Writes a value as JSON.
pub(super) fn write(what: &'static str, value: &impl serde::Serialize) -> Result<String, StorageError> {
    serde_json::to_string(value).map_err(|error| StorageError::json(what, &error))
}

/// Reads the command of a request.
pub(super) fn command<C: Command>(request: AnyRequest) -> Result<Request<C>, StorageError> {
    let command = read("command", request.command.get())?;
    Ok(request.with_command(command))
}

/// A reply whose outcome is written already. Code over it is compiled once for all commands.
pub(super) type AnyReply = Reply<Box<RawValue>>;

/// Writes an outcome.
pub(super) fn outcome(outcome: &impl serde::Serialize) -> Result<Box<RawValue>, StorageError> {
    raw(write("outcome", outcome)?)
}

fn raw(json: String) -> Result<Box<RawValue>, StorageError> {
    RawValue::from_string(json).map_err(|error| StorageError::json("outcome", &error))
}

/// Writes the outcome of a reply, and the text to store for a repeated request.
pub(super) fn reply<O: serde::Serialize>(reply: Reply<O>) -> Result<(AnyReply, Option<String>), StorageError> {
    let Reply { outcome, replayed } = reply;
    match outcome {
        Ok(value) => {
            let text = write("outcome", &value)?;
            Ok((Reply { outcome: Ok(raw(text.clone())?), replayed }, Some(text)))
        }
        Err(error) => Ok((Reply { outcome: Err(error), replayed }, None)),
    }
}

/// Runs the command that a message names.
///
/// `dispatch!(message, ledger(sql, cx); [CommandA, CommandB])` calls `ledger.answer_request::<CommandA>(sql, cx, request)`
/// if the message names `CommandA`. To add a command to a class, add its type to the list.
macro_rules! dispatch {
    ($message:expr, $ledger:ident ( $sql:expr, $cx:expr ); [ $($command:ty),+ $(,)? ]) => {
        {
            let request = $crate::ledger::message::read("request", $message.request.get())?;
            match $message.command {
                $(
                    <$command as $crate::core::Command>::NAME => {
                        $ledger.answer_request::<$command>($sql, $cx, request)
                    }
                )+
                _ => Err($crate::ledger::error::StorageError::UnknownCommand),
            }
        }
    };
}

pub(super) use dispatch;
