//! URLs that the deployment calls.

use crate::dialects::field::Field;
use crate::dialects::validator::Validator;
use crate::upstream::address::{Environment, check};

/// Takes the required field `url`. A deployment on the machine of a developer may call URLs of that machine.
pub(super) fn check_url(validator: &mut Validator<'_>, url: Field<String>) -> Option<String> {
    let environment = Environment::of_origin(validator.request().origin);
    let url = validator.required("url", url)?;
    validator.parsed("url", check(&url, environment)).map(|()| url)
}
