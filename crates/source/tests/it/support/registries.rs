//! References opened in a scripted web.

use std::cell::RefCell;
use std::rc::Rc;

use layerscope_source::{Access, Credentials, Error, Resolve, Resolved, Select};

use super::image::Image;
use super::resolve;
use super::web::{Door, Registry, Seen, Web, ok};

pub const HOST: &str = "https://registry.example";
pub const TOKEN: &str = "Bearer let-me-in";

pub fn reference(text: &str) -> layerscope_oci::Reference {
    text.parse().unwrap()
}

pub fn access(text: &str) -> Access {
    Access::direct(&reference(text))
}

pub fn user() -> Credentials {
    Credentials::Basic {
        user: "user".to_owned(),
        password: "password".to_owned(),
    }
}

/// Opens a reference in a web, in every order, and gives back what the web saw in all of them.
pub fn open_in(
    text: &str,
    access: &Access,
    select: &Select,
    answer: impl Fn(&Seen) -> layerscope_source::Response + Clone + 'static,
) -> (Result<Resolved, Error>, Web) {
    let web = Rc::new(RefCell::new(Web::new(answer)));
    let make = || Resolve::registry(reference(text), access.clone(), select.clone());
    let found = resolve(make, |ask| web.borrow_mut().reply(ask));
    let Ok(web) = Rc::try_unwrap(web) else {
        panic!("the web is still in use");
    };
    (found, web.into_inner())
}

pub fn open(registry: &Registry, access: &Access) -> (Result<Resolved, Error>, Web) {
    let registry = registry.clone();
    let answer = move |seen: &Seen| {
        if seen.origin == HOST {
            registry.answer("a/b", seen)
        } else {
            assert_eq!(seen.origin, "https://auth.example");
            ok(r#"{"token":"let-me-in"}"#)
        }
    };
    open_in(
        "registry.example/a/b:v1",
        access,
        &Select::default(),
        answer,
    )
}

pub fn one_image(door: Door) -> (Registry, Image) {
    let image = Image::named("amd64", "a");
    let mut registry = Registry::new(door);
    registry.image(&image, Some("v1"));
    (registry, image)
}
