extension ManifestFormat {
    /// The format of a file, by its name; nil when it is none of ours.
    ///
    /// Editors leave `.web.yaml.swp`, `web.yaml~`, `#web.yaml#`, `4913` and `web.yaml.tmp` beside what they edit.
    init?(fileName name: String) {
        guard let first = name.utf8.first, first != UInt8(ascii: "."), first != UInt8(ascii: "#") else { return nil }
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
            self = .yaml
        } else if name.hasSuffix(".json") {
            self = .json
        } else {
            return nil
        }
    }
}

/// Whether a folder of this name is passed over, as those of version control and of ConfigMap mounts are.
func isHidden(_ name: String) -> Bool { name.utf8.first == UInt8(ascii: ".") }

/// The path of an entry, relative to the directory as its folder is; the directory itself is the empty path.
func path(of name: String, in folder: String) -> String { folder.isEmpty ? name : "\(folder)/\(name)" }
