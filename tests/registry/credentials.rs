//! Who asks: Docker's configuration, helper programs, and who may learn a password.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use harness::{
    Answer, Directory, Door, Ended, Realm, Registry, Server, end, fixture, layerscope, succeed,
};
use serde_json::{Value, json};

const NAME: &str = "secret/nuts:1";

fn registry(door: Door) -> Registry {
    let registry = Registry::start(door);
    let source = format!("oci-archive:{}", fixture("oci-gzip.tar").display());
    registry.push(&source, NAME, &[]);
    registry
}

/// `verify` with this for Docker's configuration file.
fn verify(registry: &Registry, directory: &Directory, docker: &Value) -> Command {
    directory.write("docker/config.json", docker.to_string());
    let mut command = layerscope(["verify", &registry.reference(NAME)]);
    command.env("DOCKER_CONFIG", directory.join("docker"));
    command
}

fn pair(password: &str) -> String {
    STANDARD.encode(format!("{}:{password}", Registry::USER))
}

/// Exit 2, the host and a reason, and nothing that must stay secret.
fn refused(ended: Ended, registry: &Registry) -> Ended {
    let ended = ended.exit(2);
    assert_eq!(ended.text(), "");
    assert!(ended.errors().contains(&registry.host), "{ended}");
    assert!(ended.errors().contains("401"), "{ended}");
    for secret in [
        "wrong",
        Registry::PASSWORD,
        &pair("wrong"),
        &pair(Registry::PASSWORD),
    ] {
        assert!(!ended.errors().contains(secret), "{secret} in {ended}");
    }
    ended
}

#[test]
fn docker_s_file_in_each_of_its_forms() {
    let registry = registry(Door::Password);
    let directory = Directory::new("credentials");
    let host = &registry.host;
    let entry = json!({ "auth": pair(Registry::PASSWORD) });
    for auths in [
        json!({ host: entry }),
        json!({ format!("http://{host}"): entry }),
        json!({ format!("https://{host}"): entry, "other.example": { "auth": "junk" } }),
        json!({ host: { "username": Registry::USER, "password": Registry::PASSWORD } }),
    ] {
        succeed(&mut verify(
            &registry,
            &directory,
            &json!({ "auths": auths }),
        ));
    }
    // podman's variable, and podman's file.
    let file = directory.write("auth.json", json!({ "auths": { host: entry } }).to_string());
    let mut command = verify(&registry, &directory, &json!({}));
    succeed(command.env("REGISTRY_AUTH_FILE", file));
}

#[test]
fn a_wrong_password_is_a_clear_error() {
    let registry = registry(Door::Password);
    let directory = Directory::new("credentials");
    let docker = json!({ "auths": { &registry.host: { "auth": pair("wrong") } } });
    refused(end(&mut verify(&registry, &directory, &docker)), &registry);
    refused(
        end(&mut verify(&registry, &directory, &json!({}))),
        &registry,
    );
    let broken = json!({ "auths": { &registry.host: { "auth": "!" } } });
    let ended = end(&mut verify(&registry, &directory, &broken)).exit(2);
    assert!(ended.errors().contains("base64"), "{ended}");
}

#[test]
fn helpers_are_asked() {
    let registry = registry(Door::Password);
    let directory = Directory::new("credentials");
    let answer =
        json!({ "ServerURL": "", "Username": Registry::USER, "Secret": Registry::PASSWORD });
    let log = directory.join("log");
    let script = format!(
        "#!/bin/sh\nread -r host\necho \"$1 $host\" >>'{}'\n[ \"$host\" = '{}' ] || exit 1\ncat <<'END'\n{answer}\nEND\n",
        log.display(),
        registry.host,
    );
    let helper = directory.write("bin/docker-credential-fake", script);
    std::fs::set_permissions(helper, Permissions::from_mode(0o755)).expect("a program");
    let path = format!(
        "{}:{}",
        directory.join("bin").display(),
        std::env::var("PATH").expect("a PATH")
    );
    let mut asked = 0;
    for docker in [
        json!({ "credHelpers": { &registry.host: "fake" } }),
        json!({ "credsStore": "fake", "auths": { &registry.host: {} } }),
    ] {
        succeed(verify(&registry, &directory, &docker).env("PATH", &path));
        let lines = std::fs::read_to_string(&log).expect("the helper's log");
        asked += 1;
        assert_eq!(lines, format!("get {}\n", registry.host).repeat(asked));
    }
    let missing = json!({ "credHelpers": { &registry.host: "missing" } });
    let ended = end(&mut verify(&registry, &directory, &missing)).exit(2);
    assert!(
        ended.errors().contains("docker-credential-missing"),
        "{ended}"
    );
}

#[test]
fn a_password_goes_to_a_realm_that_is_listed() {
    let registry = registry(Door::Token(Realm::start()));
    let Door::Token(realm) = &registry.door else {
        unreachable!()
    };
    let directory = Directory::new("credentials");
    let pushed = realm.asked().len();
    let docker = json!({ "auths": { &registry.host: { "auth": pair(Registry::PASSWORD) } } });

    // It has another name than the registry, and nobody has listed it.
    let ended = refused(end(&mut verify(&registry, &directory, &docker)), &registry);
    assert!(ended.errors().contains(&realm.host()), "{ended}");
    let asked = &realm.asked()[pushed..];
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("authorization").is_none()),
        "{asked:?}"
    );

    let known = realm.asked().len();
    let realms = json!({ "realms": { &registry.host: [realm.host()] } });
    let config = directory.write("layerscope.json", realms.to_string());
    succeed(
        verify(&registry, &directory, &docker)
            .arg("--config")
            .arg(&config),
    );
    let asked = &realm.asked()[known..];
    let basic = format!("Basic {}", pair(Registry::PASSWORD));
    assert!(
        asked
            .iter()
            .any(|asked| asked.header("authorization") == Some(&basic)),
        "{asked:?}"
    );
    for asked in asked {
        assert!(
            asked
                .target
                .contains("scope=repository%3Asecret%2Fnuts%3Apull"),
            "{asked:?}"
        );
    }

    // What `docker login` stores of a realm that gives refresh tokens.
    let known = realm.asked().len();
    let docker = json!({ "auths": { &registry.host: { "identitytoken": Realm::IDENTITY_TOKEN } } });
    succeed(
        verify(&registry, &directory, &docker)
            .arg("--config")
            .arg(&config),
    );
    assert!(
        realm.asked()[known..]
            .iter()
            .any(|asked| asked.method == "POST")
    );

    let wrong = json!({ "auths": { &registry.host: { "auth": pair("wrong") } } });
    let ended = end(verify(&registry, &directory, &wrong)
        .arg("--config")
        .arg(&config))
    .exit(2);
    assert!(ended.errors().contains("401"), "{ended}");
}

#[test]
fn a_mirror_is_asked_as_itself() {
    let registry = registry(Door::Password);
    let source = format!("oci-archive:{}", fixture("oci-gzip.tar").display());
    registry.push(&source, "library/nuts:1", &[]);
    let directory = Directory::new("credentials");
    let hub = json!({ "auth": STANDARD.encode("hub:hub") });
    let own = json!({ "auth": pair(Registry::PASSWORD) });
    let both = json!({ "auths": { "https://index.docker.io/v1/": hub, &registry.host: own } });
    directory.write("docker/config.json", both.to_string());
    let mirror = format!("docker.io=http://{}", registry.host);
    let run = |words: &[&str]| {
        let mut command = layerscope(words);
        end(command.env("DOCKER_CONFIG", directory.join("docker")))
    };
    for reference in [
        "docker://nuts:1",
        "docker://docker.io/library/nuts:1",
        "nuts:1",
    ] {
        let ended = run(&["ls", "--registry-mirror", &mirror, reference]).exit(0);
        assert_eq!(ended.text(), "/bin\n/etc\n");
    }
    let config = json!({ "mirrors": { "docker.io": format!("http://{}", registry.host) } });
    let config = directory.write("layerscope.json", config.to_string());
    run(&[
        "verify",
        "--config",
        &config.display().to_string(),
        "docker://nuts:1",
    ])
    .exit(0);

    // The hub's own password is not the mirror's.
    let listener =
        Server::start(|_| Answer::new(401).header("www-authenticate", "Basic realm=\"here\""));
    let mirror = format!("docker.io=http://{}", listener.host());
    run(&["verify", "--registry-mirror", &mirror, "docker://nuts:1"]).exit(2);
    let asked = listener.asked();
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|asked| asked.header("authorization").is_none()),
        "{asked:?}"
    );
}
