//! URLs that the deployment calls.

use crate::dialects::field::Field;
use crate::dialects::validator::Validator;
use crate::upstream::address::check;

/// Takes the required field `url`. In the environment `development`, the deployment may call URLs of that machine.
pub(super) fn check_url(validator: &mut Validator<'_>, url: Field<String>) -> Option<String> {
    let url = validator.required("url", url)?;
    validator.parsed("url", check(&url, validator.environment())).map(|()| url)
}
