internal import KubernetesAPI

/// The members of an object of a kubeconfig file, which knows its place for errors.
struct KubeConfigFields {
    let file: String
    let path: String
    private let value: ObjectValue

    /// Opens the document.
    init(_ value: ObjectValue, file: String) throws(KubeConfigError) {
        try self.init(value, path: "", file: file)
    }

    private init(_ value: ObjectValue, path: String, file: String) throws(KubeConfigError) {
        guard case .object = value else {
            throw KubeConfigError(file: file, field: path, message: "\(value) stands where an object is expected")
        }
        self.file = file
        self.path = path
        self.value = value
    }

    func error(_ name: String, _ message: String) -> KubeConfigError {
        KubeConfigError(file: file, field: place(name), message: message)
    }

    /// The text of a field, or nil when it is absent or empty.
    func text(_ name: String) throws(KubeConfigError) -> String? {
        switch value[name] {
        case nil: return nil
        case .string(let text): return text.isEmpty ? nil : text
        case .some(let other): throw error(name, "\(other) stands where text is expected")
        }
    }

    /// The truth value of a field; false when it is absent.
    func bool(_ name: String) throws(KubeConfigError) -> Bool {
        switch value[name] {
        case nil: return false
        case .bool(let value): return value
        case .some(let other): throw error(name, "\(other) stands where true or false is expected")
        }
    }

    /// The object of a field, or nil when it is absent.
    func object(_ name: String) throws(KubeConfigError) -> KubeConfigFields? {
        guard let member = value[name] else { return nil }
        return try KubeConfigFields(member, path: place(name), file: file)
    }

    /// The objects of a list; none when it is absent.
    func objects(_ name: String) throws(KubeConfigError) -> [KubeConfigFields] {
        var objects: [KubeConfigFields] = []
        for (index, element) in try array(name).enumerated() {
            objects.append(try KubeConfigFields(element, path: "\(place(name))[\(index)]", file: file))
        }
        return objects
    }

    /// The texts of a list; none when it is absent.
    func texts(_ name: String) throws(KubeConfigError) -> [String] {
        var texts: [String] = []
        for (index, element) in try array(name).enumerated() {
            guard case .string(let text) = element else {
                throw error("\(name)[\(index)]", "\(element) stands where text is expected")
            }
            texts.append(text)
        }
        return texts
    }

    /// The bytes of a field in base64, or nil when it is absent or empty.
    func base64(_ name: String) throws(KubeConfigError) -> [UInt8]? {
        guard let text = try text(name) else { return nil }
        guard let bytes = base64Decoded(text) else { throw error(name, "this is no base64") }
        return bytes
    }

    private func array(_ name: String) throws(KubeConfigError) -> [ObjectValue] {
        switch value[name] {
        case nil: return []
        case .array(let elements): return elements
        case .some(let other): throw error(name, "\(other) stands where a list is expected")
        }
    }

    /// Whether a field is there.
    func holds(_ name: String) -> Bool { value[name] != nil }

    private func place(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}

/// The bytes that base64 stands for (RFC 4648 §4), line ends in it aside; nil when it is none.
func base64Decoded(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
        let value: UInt8
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = byte - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): value = byte - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): value = 62
        case UInt8(ascii: "/"): value = 63
        case UInt8(ascii: "="):
            padding += 1
            continue
        case 0x0a, 0x0d: continue
        default: return nil
        }
        guard padding == 0 else { return nil }
        bits = bits << 6 | UInt32(value)
        count += 1
        guard count % 4 == 0 else { continue }
        bytes += [
            UInt8(truncatingIfNeeded: bits >> 16), UInt8(truncatingIfNeeded: bits >> 8),
            UInt8(truncatingIfNeeded: bits),
        ]
    }
    guard (count + padding) % 4 == 0, padding <= 2, count % 4 != 1 else { return nil }
    switch count % 4 {
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3: bytes += [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
    default: break
    }
    return bytes
}
