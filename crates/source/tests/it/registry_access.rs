//! How registries are reached, and as whom. Every test says which hosts saw `Authorization`.

use layerscope_source::{Access, BlobPlan, BlobRequest, Credentials, Error, Select};

use crate::support::exchanges::blob;
use crate::support::image::Image;
use crate::support::registries::{HOST, TOKEN, access, one_image, open, open_in, reference, user};
use crate::support::web::{BASIC, Door, Registry, Seen, Web, error, ok};

#[test]
fn basic_credentials_go_to_the_registry_and_only_when_it_asks() {
    let (registry, _) = one_image(Door::Basic);
    let (resolved, web) = open(
        &registry,
        &access("registry.example/a/b:v1").with_credentials(user()),
    );
    let resolved = resolved.unwrap();
    assert_eq!(
        web.seen[0].authorization, None,
        "nothing is sent before it is asked for"
    );
    assert_eq!(web.authorized(), [(HOST, BASIC)]);
    // What was learned goes on with the layers' plans.
    let BlobPlan::Http { request } = &resolved.images[0].layers[0].blob else {
        panic!("no plan");
    };
    let sent = serde_json::to_value(request).unwrap();
    let request = BlobRequest::read(&sent).unwrap();
    let mut web = Web::new(move |seen| registry.answer("a/b", seen));
    web.fetch(&mut request.exchange()).unwrap();
    assert_eq!((web.seen.len(), web.authorized()), (1, vec![(HOST, BASIC)]));
}

#[test]
fn without_credentials_basic_is_an_error_that_quotes_the_registry() {
    let (registry, _) = one_image(Door::Basic);
    let (resolved, web) = open(&registry, &access("registry.example/a/b:v1"));
    let error = resolved.unwrap_err();
    assert_eq!(error.name(), "denied");
    assert_eq!(
        error.to_string(),
        "registry.example denies manifest v1 of a/b (status 401): UNAUTHORIZED: authentication required"
    );
    assert_eq!(web.authorized(), []);
}

#[test]
fn a_token_is_asked_for_with_a_scope_of_our_own() {
    let (registry, _) = one_image(Door::Bearer(
        "https://registry.example/token?x=1".to_owned(),
    ));
    let answer = move |seen: &Seen| {
        if seen.path.starts_with("/token") {
            ok(r#"{"access_token":"let-me-in","expires_in":0,"issued_at":"0"}"#)
        } else {
            registry.answer("a/b", seen)
        }
    };
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &access("registry.example/a/b:v1"),
        &Select::default(),
        answer,
    );
    let resolved = resolved.unwrap();
    assert_eq!(
        web.seen[1].path,
        "/token?x=1&service=registry&scope=repository%3Aa%2Fb%3Apull"
    );
    assert_eq!(web.seen[1].authorization, None);
    assert_eq!(web.authorized(), [(HOST, TOKEN)]);
    assert_eq!(
        web.seen.len(),
        3 * 4,
        "one token for everything, in each of three runs"
    );
    let BlobPlan::Http { request } = &resolved.images[0].layers[0].blob else {
        panic!("no plan");
    };
    assert_eq!(request.access, resolved.access.unwrap());
    assert!(!format!("{request:?}").contains("let-me-in"), "{request:?}");
}

#[test]
fn credentials_go_to_the_registrys_own_realm() {
    let (registry, _) = one_image(Door::Bearer(
        "https://registry.example:8443/token".to_owned(),
    ));
    let realm = "https://registry.example:8443";
    let answer = move |seen: &Seen| {
        if seen.origin == realm {
            ok(r#"{"token":"let-me-in"}"#)
        } else {
            registry.answer("a/b", seen)
        }
    };
    let access = access("registry.example/a/b:v1").with_credentials(user());
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &access,
        &Select::default(),
        answer,
    );
    resolved.unwrap();
    assert_eq!(web.authorized(), [(realm, BASIC), (HOST, TOKEN)]);
}

#[test]
fn credentials_are_withheld_from_a_foreign_realm_unless_it_is_allowed() {
    let (registry, _) = one_image(Door::Bearer("https://auth.example/token".to_owned()));
    let with_user = access("registry.example/a/b:v1").with_credentials(user());
    let (resolved, web) = open(&registry, &with_user);
    resolved.unwrap();
    assert_eq!(
        web.authorized(),
        [(HOST, TOKEN)],
        "the realm was asked as nobody"
    );

    for allowed in ["auth.example", "AUTH.example"] {
        let (resolved, web) = open(&registry, &with_user.clone().allow_realm(allowed));
        resolved.unwrap();
        assert_eq!(
            web.authorized(),
            [("https://auth.example", BASIC), (HOST, TOKEN)]
        );
    }
    for other in ["example", "auth.example:8443", "evil-auth.example"] {
        let (resolved, web) = open(&registry, &with_user.clone().allow_realm(other));
        resolved.unwrap();
        assert_eq!(web.authorized(), [(HOST, TOKEN)], "{other}");
    }

    // And when the token of nobody does not suffice, the error says why.
    let refusing = move |seen: &Seen| {
        if seen.origin == HOST {
            registry.answer("a/b", seen)
        } else {
            ok(r#"{"token":"of-nobody"}"#)
        }
    };
    let name = "registry.example/a/b:v1";
    let (resolved, web) = open_in(name, &with_user, &Select::default(), refusing);
    let error = resolved.unwrap_err();
    let Error::Denied {
        status, withheld, ..
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!((*status, withheld.as_deref()), (401, Some("auth.example")));
    assert!(
        error.to_string().contains("were not sent to auth.example"),
        "{error}"
    );
    assert_eq!(web.authorized(), [(HOST, "Bearer of-nobody")]);
}

#[test]
fn docker_hub_has_its_own_realm() {
    let image = Image::named("amd64", "a");
    let mut registry = Registry::new(Door::Bearer("https://auth.docker.io/token".to_owned()));
    registry.image(&image, Some("latest"));
    let answer = move |seen: &Seen| match seen.origin.as_str() {
        "https://registry-1.docker.io" => registry.answer("library/a", seen),
        "https://auth.docker.io" => ok(r#"{"token":"let-me-in"}"#),
        other => panic!("{other}"),
    };
    let (resolved, web) = open_in(
        "a",
        &access("a").with_credentials(user()),
        &Select::default(),
        answer,
    );
    let resolved = resolved.unwrap();
    assert_eq!(resolved.images[0].names, ["a:latest"]);
    assert_eq!(
        web.authorized(),
        [
            ("https://auth.docker.io", BASIC),
            ("https://registry-1.docker.io", TOKEN)
        ]
    );
}

#[test]
fn an_identity_token_is_posted_to_its_realm() {
    let (registry, _) = one_image(Door::Bearer("https://registry.example/token".to_owned()));
    let answer = move |seen: &Seen| {
        if seen.path.starts_with("/token") {
            ok(r#"{"access_token":"let-me-in"}"#)
        } else {
            registry.answer("a/b", seen)
        }
    };
    let identity = Credentials::IdentityToken("s3cret & more".to_owned());
    let with_identity = access("registry.example/a/b:v1").with_credentials(identity.clone());
    let (resolved, web) = open_in(
        "registry.example/a/b:v1",
        &with_identity,
        &Select::default(),
        answer,
    );
    resolved.unwrap();
    let post = &web.seen[1];
    assert_eq!((post.method, post.path.as_str()), ("POST", "/token"));
    assert_eq!(
        post.body,
        "service=registry&scope=repository%3Aa%2Fb%3Apull&grant_type=refresh_token&client_id=layerscope&refresh_token=s3cret%20%26%20more"
    );
    assert_eq!(web.authorized(), [(HOST, TOKEN)]);

    // A foreign realm does not get it.
    let (registry, _) = one_image(Door::Bearer("https://auth.example/token".to_owned()));
    let (resolved, web) = open(
        &registry,
        &access("registry.example/a/b:v1").with_credentials(identity),
    );
    resolved.unwrap();
    assert!(
        web.seen
            .iter()
            .all(|seen| seen.method == "GET" && seen.body.is_empty())
    );
    assert_eq!(web.authorized(), [(HOST, TOKEN)]);
}

#[test]
fn a_registry_token_is_sent_from_the_start() {
    let (registry, _) = one_image(Door::Bearer("https://auth.example/token".to_owned()));
    let access = access("registry.example/a/b:v1")
        .with_credentials(Credentials::Bearer("let-me-in".to_owned()));
    let (resolved, web) = open(&registry, &access);
    resolved.unwrap();
    assert_eq!(
        (web.seen.len(), web.authorized()),
        (3 * 2, vec![(HOST, TOKEN)])
    );
}

#[test]
fn a_mirror_stands_for_the_registry() {
    let (registry, _) = one_image(Door::Open);
    let answer = move |seen: &Seen| {
        let path = seen.path.strip_prefix("/hub").unwrap().to_owned();
        registry.answer(
            "library/a",
            &Seen {
                path,
                ..seen.clone()
            },
        )
    };
    let access = Access::mirror(&reference("a:v1"), "https://mirror.example/hub/").unwrap();
    let (resolved, web) = open_in("a:v1", &access, &Select::default(), answer);
    let resolved = resolved.unwrap();
    assert_eq!(
        resolved.images[0].names,
        ["a:v1"],
        "a mirror does not rename"
    );
    assert_eq!(
        web.urls()[0],
        "https://mirror.example/hub/v2/library/a/manifests/v1"
    );
    assert_eq!(
        (access.host(), web.authorized()),
        ("mirror.example".to_owned(), vec![])
    );
    for wrong in [
        "mirror.example",
        "ftp://mirror.example",
        "https://mirror.example/?x",
        "https://u:p@mirror.example",
    ] {
        assert!(Access::mirror(&reference("a"), wrong).is_err(), "{wrong}");
    }
}

#[test]
fn behind_a_gateway_there_is_a_secret_and_nothing_else() {
    for gateway in ["", "http://127.0.0.1:4321"] {
        let (registry, _) = one_image(Door::Open);
        let prefix = "/registry/registry-1.docker.io";
        let answer = move |seen: &Seen| {
            assert_eq!(seen.secret.as_deref(), Some("s3cret"));
            let path = seen.path.strip_prefix(prefix).unwrap().to_owned();
            registry.answer(
                "library/a",
                &Seen {
                    path,
                    ..seen.clone()
                },
            )
        };
        let access =
            Access::gateway(&reference("a:v1"), gateway, "s3cret").with_credentials(user());
        let (resolved, web) = open_in("a:v1", &access, &Select::default(), answer);
        let resolved = resolved.unwrap();
        assert_eq!(
            web.urls()[0],
            format!("{gateway}{prefix}/v2/library/a/manifests/v1")
        );
        assert_eq!(web.authorized(), []);
        assert!(!format!("{resolved:?}").contains("s3cret"));
    }
    // A gateway's 401 is final, and its reasons are passed on.
    let refused = |_: &Seen| {
        let mut response = error(
            403,
            "HOST_NOT_ALLOWED",
            "start with --allow-registry evil.example",
        );
        response
            .headers
            .push("WWW-Authenticate", "Bearer realm=\"https://evil.example\"");
        response
    };
    let access = Access::gateway(&reference("evil.example/a"), "", "s3cret");
    assert_eq!(access.host(), "evil.example");
    let (resolved, web) = open_in("evil.example/a", &access, &Select::default(), refused);
    assert!(
        matches!(resolved, Err(Error::Denied { told: Some(told), .. }) if told.code == "HOST_NOT_ALLOWED")
    );
    assert_eq!((web.seen.len(), web.authorized()), (3, vec![]));
}

/// The reader of what is sent to a worker undoes serde's writer.
fn assert_is_read(access: Access) {
    let request = blob(access);
    let sent = serde_json::to_value(&request).unwrap();
    assert_eq!(BlobRequest::read(&sent), Some(request));
    for field in ["access", "digest", "size"] {
        let mut cut = sent.clone();
        cut.as_object_mut().unwrap().remove(field);
        assert_eq!(BlobRequest::read(&cut), None, "without {field}");
    }
}

#[test]
fn an_access_can_be_sent_and_does_not_show_its_secrets() {
    let secret = Credentials::Basic {
        user: "user".to_owned(),
        password: "hunter2".to_owned(),
    };
    let direct = access("registry.example/a/b").allow_realm("auth.example");
    for credentials in [
        secret,
        Credentials::IdentityToken("hunter2".to_owned()),
        Credentials::Bearer("hunter2".to_owned()),
    ] {
        let direct = direct.clone().with_credentials(credentials);
        assert!(!format!("{direct:?}").contains("hunter2"));
        assert_is_read(direct);
    }
    assert_is_read(direct);
    assert_is_read(Access::gateway(&reference("a/b"), "", "s3cret"));
    let other = Access::insecure(&reference("localhost:5000/x"))
        .for_repository(&reference("localhost:5000/y"));
    assert_eq!(
        (other.repository(), other.host().as_str()),
        ("y", "localhost:5000")
    );
}
