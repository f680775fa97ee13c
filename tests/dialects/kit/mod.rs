//! A deployment in memory with its dialects, and the requests to it.

mod fixtures;
mod pages;
mod request;
mod service;

pub(crate) use self::fixtures::{App, CALLBACK, Code, forge, profile};
pub(crate) use self::pages::{heading, texts};
pub(crate) use self::request::Request;
pub(crate) use self::service::{Answer, ORIGIN, PROJECT, ROOT, Service};
