//! Lists of tags, page by page.

use harness::{Answer, Server, end, layerscope};

/// A registry with a list of tags.
fn tags(answer: impl Fn(&harness::Asked) -> Answer + Send + Sync + 'static) -> (Server, String) {
    let server = Server::start(move |asked| match asked.path() {
        "/v2/fruit/tags/list" => answer(asked),
        _ => Answer::new(404),
    });
    let repository = format!("docker://{}/fruit", server.host());
    (server, repository)
}

#[test]
fn pages_follow_each_other() {
    let (server, repository) = tags(|asked| {
        if asked.target.contains("last=b") {
            return Answer::new(200).body(r#"{"name":"fruit","tags":["c"]}"#);
        }
        Answer::new(200)
            .header("link", "</v2/fruit/tags/list?last=b&n=2>; rel=\"next\"")
            .body(r#"{"name":"fruit","tags":["a","b"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "a\nb\nc\n");
    assert_eq!(ended.errors(), "");
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_next_page_elsewhere_is_not_asked_for() {
    let other = Server::start(|_| Answer::new(200).body(r#"{"tags":["stolen"]}"#));
    let link = format!(
        "<{}>; rel=\"next\"",
        other.url("/v2/fruit/tags/list?last=a")
    );
    let (_server, repository) = tags(move |_| {
        Answer::new(200)
            .header("link", link.clone())
            .body(r#"{"tags":["a"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository]));
    assert_eq!(ended.text(), "a\n");
    assert!(ended.errors().contains("not complete"), "{ended}");
    assert_eq!(other.asked().len(), 0);
}

#[test]
fn a_page_that_leads_to_itself_ends() {
    let (server, repository) = tags(|asked| {
        Answer::new(200)
            .header("link", format!("<{}>; rel=\"next\"", asked.target))
            .body(r#"{"tags":["a"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository]));
    assert_eq!(ended.text(), "a\n");
    assert!(
        server.asked().len() <= 2,
        "{} requests",
        server.asked().len()
    );
}

#[test]
fn names_that_are_no_tags_are_left_out() {
    let (_server, repository) =
        tags(|_| Answer::new(200).body("{\"tags\":[\"good\",\"\\u001b[2J\",\"a/b\",\"\"]}"));
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "good\n");
    assert!(ended.errors().contains("3 names"), "{ended}");
}

/// Quay has a word of its own for where a list goes on.
#[test]
fn a_page_may_be_named_in_the_registry_s_own_words() {
    let (server, repository) = tags(|asked| {
        if asked.target.contains("next_page=") {
            return Answer::new(200).body(r#"{"name":"fruit","tags":["b"]}"#);
        }
        Answer::new(200)
            .header(
                "link",
                "</v2/fruit/tags/list?n=1000&next_page=gAAAAABk_-x%3D%3D>; rel=\"next\"",
            )
            .body(r#"{"name":"fruit","tags":["a"]}"#)
    });
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "a\nb\n");
    assert!(
        server.lines()[1].ends_with("next_page=gAAAAABk_-x%3D%3D"),
        "{:?}",
        server.lines()
    );
}

#[test]
fn a_million_tags_end_somewhere_and_it_is_told() {
    let (server, repository) = tags(|asked| {
        let from: u32 = asked
            .target
            .split_once("last=t")
            .and_then(|(_, last)| last.split('&').next()?.parse().ok())
            .unwrap_or(0);
        let names: Vec<String> = (from + 1..=from + 50_000)
            .map(|number| format!("\"t{number:07}\""))
            .collect();
        Answer::new(200)
            .header(
                "link",
                format!(
                    "</v2/fruit/tags/list?last=t{:07}&n=50000>; rel=\"next\"",
                    from + 50_000
                ),
            )
            .body(format!("{{\"tags\":[{}]}}", names.join(",")))
    });
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text().lines().count(), 200_000);
    assert!(
        ended.errors().contains("not complete"),
        "{}",
        ended.errors()
    );
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_page_size_that_is_refused_is_left_out() {
    let (server, repository) = tags(|asked| match asked.target.contains("n=") {
        true => Answer::new(400).body(r#"{"errors":[{"code":"PAGINATION_NUMBER_INVALID"}]}"#),
        false => Answer::new(200).body(r#"{"tags":["a"]}"#),
    });
    let ended = end(&mut layerscope(["tags", &repository])).exit(0);
    assert_eq!(ended.text(), "a\n");
    assert_eq!(server.asked().len(), 2);
}
