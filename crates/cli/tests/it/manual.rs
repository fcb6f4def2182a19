//! What is written for shells and for `man`.

use std::process::Command;

use crate::place::Place;

/// What bash offers for a line whose last word is not finished.
fn offered(place: &Place, line: &str) -> Vec<String> {
    place.write("complete.bash", place.run("completions bash").out);
    let script = format!(
        "source complete.bash; COMP_WORDS=({line}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
         _truespec truespec \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash").args(["--norc", "-c", &script]).current_dir(&place.folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_commands_options_values_and_rules() {
    let place = Place::new();
    assert_eq!(offered(&place, "truespec chec"), ["check"]);
    assert_eq!(offered(&place, "truespec check --unsafe"), ["--unsafe-fixes"]);
    assert_eq!(offered(&place, "truespec check --format s"), ["sarif"]);
    assert_eq!(offered(&place, "truespec explain broken-l"), ["broken-link"]);
}

#[test]
fn every_shell_has_completions_and_every_command_a_page() {
    let place = Place::new();
    for shell in ["zsh", "fish", "powershell", "elvish"] {
        assert!(place.run(&format!("completions {shell}")).out.contains("update-baseline"), "{shell}");
    }
    assert_eq!(place.run("man --output pages").status, Some(0));
    let all = place.read("pages/truespec.1");
    for name in all.lines().filter_map(|it| it.strip_prefix("truespec\\-")?.strip_suffix("(1)")) {
        let page = place.run(&format!("man {name}"));
        assert_eq!(page.out, place.read(&format!("pages/truespec-{name}.1")));
        assert!(page.out.starts_with(".ie \\n(.g .ds Aq") && page.out.contains(&format!(".TH truespec-{name} 1 ")));
    }
    assert!(place.folder.join("pages/truespec-check.1").exists());
    let ended = place.run("man chekc");
    assert_eq!(
        (ended.status, ended.err.as_str()),
        (Some(2), "error: there is no command `chekc`\n  help: did you mean `check`?\n")
    );
}
