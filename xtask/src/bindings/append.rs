//! Adds a set of bindings to the text of `bindings.toml`, and changes nothing else in it. [`super`]
//! reads the file.

use super::Set;

/// What stands on top of a new file.
const ABOUT: &str = "\
# The sets of bindings that `cargo xtask generate` writes, checks and compares. Paths are relative to this
# file.
";

impl Set {
    /// The text of `bindings.toml` with this set after all others. `None` is a file that does not exist.
    ///
    /// ```
    /// let text = "[[bindings]]\nname = 'acme'\ndocument = 'acme.yaml'\nclient = 'acme-client'\n";
    /// let set = xtask::bindings::Bindings::parse("bindings.toml", text).unwrap().sets.remove(0);
    /// let added = set.added_to(Some("# Mine.\n"));
    /// assert_eq!(added.lines().next(), Some("# Mine."));
    /// assert_eq!(xtask::bindings::Bindings::parse("bindings.toml", &added).unwrap().sets, [set]);
    /// ```
    #[must_use]
    pub fn added_to(&self, file: Option<&str>) -> String {
        let mut text = file.unwrap_or(ABOUT).trim_end().to_owned();
        text.push_str("\n\n[[bindings]]\n");
        for (key, value) in self.keys() {
            text.push_str(&format!("{key} = {value}\n"));
        }
        text
    }

    fn keys(&self) -> Vec<(&'static str, toml_edit::Value)> {
        let list = |texts: &[String]| texts.iter().collect::<toml_edit::Array>().into();
        let layout = &self.layout;
        let out = layout.types.folder.strip_suffix(&layout.types.name).unwrap_or_default();
        let out = out.strip_suffix('/').filter(|out| !out.is_empty()).unwrap_or(".");
        let mut keys = vec![
            ("name", self.name.as_str().into()),
            ("document", self.document.as_str().into()),
            ("overlays", list(&self.overlays)),
            ("only", list(&self.reading.only)),
            ("out", out.into()),
            ("types", layout.types.name.as_str().into()),
        ];
        if self.reading.house_style {
            keys.push(("house_style", true.into()));
        }
        let crates = [("client", &layout.client), ("stream", &layout.stream)];
        keys.extend(
            crates.into_iter().filter_map(|(key, home)| {
                home.as_ref().map(|home| (key, home.name.as_str().into()))
            }),
        );
        keys.push(("lock", layout.lock.as_str().into()));
        keys
    }
}
