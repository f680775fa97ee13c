//! `/v1/revocations`: what could not be revoked at its provider.

use super::{of_operator, page};
use crate::core::command::RevocationAction;
use crate::core::credential::RevocationId;
use crate::core::operator::OperatorCommand;
use crate::dialects::{Ask, Call, Fields};

/// Those that are abandoned: nobody has a list of the others.
pub(super) fn list(_: &Call, query: &mut Fields) -> Option<Ask> {
    let page = page(query);
    query.text("state", |text| if text == "abandoned" { Ok(()) } else { Err("must be abandoned") });
    Some(of_operator(OperatorCommand::ListAbandoned(page)))
}

fn of_revocation(call: &Call, fields: &mut Fields, action: RevocationAction) -> Option<Ask> {
    fields.finish()?;
    Some(Ask::OfRevocation(fields.parameter(call, "revocation_id", RevocationId::parse)?, action))
}

pub(super) fn get(call: &Call, fields: &mut Fields) -> Option<Ask> {
    of_revocation(call, fields, RevocationAction::Get)
}

pub(super) fn retry(call: &Call, body: &mut Fields) -> Option<Ask> {
    of_revocation(call, body, RevocationAction::Retry)
}

pub(super) fn dismiss(call: &Call, body: &mut Fields) -> Option<Ask> {
    of_revocation(call, body, RevocationAction::Dismiss)
}
