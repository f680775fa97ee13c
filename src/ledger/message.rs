//! Messages to ledgers: their version, and the dispatch on the name of the command.

use serde_json::value::{RawValue, to_raw_value};

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

/// Writes a reply as JSON.
pub(super) fn reply<O: serde::Serialize>(reply: &Reply<O>) -> Result<String, StorageError> {
    let outcome = match &reply.outcome {
        Ok(outcome) => Ok(to_raw_value(outcome).map_err(|error| StorageError::json("outcome", &error))?),
        Err(error) => Err(error.clone()),
    };
    write("reply", &Reply::<Box<RawValue>> { outcome, replayed: reply.replayed.clone() })
}

/// Runs the command that a message names.
///
/// `dispatch!(message, ledger(sql, cx); [CommandA, CommandB])` calls `ledger.answer_request::<CommandA>(sql, cx, request)`
/// if the message names `CommandA`. To add a command to a class, add its type to the list.
macro_rules! dispatch {
    ($message:expr, $ledger:ident ( $sql:expr, $cx:expr ); [ $($command:ty),+ $(,)? ]) => {
        match $message.command {
            $(
                <$command as $crate::core::Command>::NAME => {
                    let request = $crate::ledger::message::read("request", $message.request.get())?;
                    $ledger.answer_request::<$command>($sql, $cx, request)
                }
            )+
            _ => Err($crate::ledger::error::StorageError::UnknownCommand),
        }
    };
}

pub(super) use dispatch;
