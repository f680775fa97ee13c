//! `/v1/revocations`: what could not be revoked at its provider.

use super::{bodies, body, no_query, of_operator, operator_bodies, page};
use crate::core::Outcome;
use crate::core::command::RevocationAction;
use crate::core::credential::RevocationId;
use crate::core::operator::{OperatorCommand, OperatorOutcome};
use crate::dialects::failure::UNEXPECTED;
use crate::dialects::{Ask, Call, Done, Failure, Fields, Reply};

/// Those that are abandoned: nobody has a list of the others.
pub(super) fn list(call: &Call) -> Result<Ask, Failure> {
    let mut query = Fields::query(call)?;
    let page = page(&mut query);
    query.text("state", |text| if text == "abandoned" { Ok(()) } else { Err("must be abandoned") });
    query.finish()?;
    Ok(of_operator(OperatorCommand::ListAbandoned(page)))
}

pub(super) fn render_list(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Operator(OperatorOutcome::Abandoned(revocations, next)) => {
            Ok(Reply::json(200, &bodies::list(revocations, operator_bodies::revocation, *next)))
        }
        _ => Err(UNEXPECTED),
    }
}

fn of_revocation(call: &Call, action: RevocationAction) -> Result<Ask, Failure> {
    Ok(Ask::OfRevocation(call.parameter("revocation_id", RevocationId::parse)?, action))
}

pub(super) fn get(call: &Call) -> Result<Ask, Failure> {
    no_query(call)?;
    of_revocation(call, RevocationAction::Get)
}

pub(super) fn retry(call: &Call) -> Result<Ask, Failure> {
    body(call)?.finish()?;
    of_revocation(call, RevocationAction::Retry)
}

pub(super) fn dismiss(call: &Call) -> Result<Ask, Failure> {
    body(call)?.finish()?;
    of_revocation(call, RevocationAction::Dismiss)
}

pub(super) fn render(done: &Done) -> Result<Reply, Failure> {
    match &done.outcome {
        Outcome::Revocation(revocation, _) => Ok(Reply::json(200, &operator_bodies::revocation(revocation))),
        _ => Err(UNEXPECTED),
    }
}
