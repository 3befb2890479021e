internal import CJansson
internal import KubernetesAPI

/// Parses one JSON value.
///
/// The corresponding C function is `json_loadb`.
///
/// Around the value, the text may have blanks and nothing else.
func jsonTree(of bytes: ArraySlice<UInt8>) throws(ManifestSyntaxError) -> ObjectValue {
    try unsafe bytes.withUnsafeBufferPointer { buffer throws(ManifestSyntaxError) in
        // jansson reads the bytes as char, copies what it keeps, and the tree is released at the end of this closure.
        guard let start = unsafe UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self) else {
            throw ManifestSyntaxError(line: 1, column: 1, message: "there is no value")
        }
        let flags = JSONFlags.rejectDuplicates | JSONFlags.decodeAny | JSONFlags.allowNull
        var error = json_error_t()
        guard let root = unsafe json_loadb(start, buffer.count, flags, &error) else {
            throw ManifestSyntaxError(
                line: Int(error.line),
                column: max(1, Int(error.column)),
                message: text(of: &error).escapingInvisibles
            )
        }
        defer { unsafe json_decref(root) }
        return try unsafe tree(of: root, depth: 0)
    }
}

/// Copies a value of jansson, and all below it.
private func tree(of json: UnsafeMutablePointer<json_t>, depth: Int) throws(ManifestSyntaxError) -> ObjectValue {
    guard depth <= ManifestLimits.depthMax else {
        let message = "lists and objects are nested deeper than \(ManifestLimits.depthMax)"
        throw ManifestSyntaxError(line: 1, column: 1, message: message)
    }
    // Every accessor below is called on a value of the type that it is for, and borrows from the tree.
    switch unsafe json.pointee.type {
    case JSON_OBJECT:
        var members: [ObjectValue.Member] = []
        members.reserveCapacity(unsafe json_object_size(json))
        var iterator = unsafe json_object_iter(json)
        while let place = unsafe iterator {
            if let key = unsafe json_object_iter_key(place), let value = unsafe json_object_iter_value(place) {
                let bytes = unsafe UnsafeRawBufferPointer(start: key, count: json_object_iter_key_len(place))
                members.append(
                    ObjectValue.Member(
                        name: unsafe String(decoding: bytes, as: UTF8.self),
                        value: try unsafe tree(of: value, depth: depth + 1)
                    )
                )
            }
            unsafe iterator = json_object_iter_next(json, place)
        }
        return .object(members)
    case JSON_ARRAY:
        var elements: [ObjectValue] = []
        let count = unsafe json_array_size(json)
        elements.reserveCapacity(count)
        for index in 0..<count {
            if let element = unsafe json_array_get(json, index) {
                elements.append(try unsafe tree(of: element, depth: depth + 1))
            }
        }
        return .array(elements)
    case JSON_STRING:
        guard let start = unsafe json_string_value(json) else { return .string("") }
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: json_string_length(json))
        return .string(unsafe String(decoding: bytes, as: UTF8.self))
    case JSON_INTEGER: return .integer(Int64(unsafe json_integer_value(json)))
    case JSON_REAL: return .number(unsafe json_real_value(json))
    case JSON_TRUE: return .bool(true)
    case JSON_FALSE: return .bool(false)
    default: return .null
    }
}

/// The message in an error of jansson.
private func text(of error: inout json_error_t) -> String {
    unsafe withUnsafeBytes(of: &error.text) { bytes in
        // The array is null-terminated; its bytes are copied.
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// The flags of jansson, whose macros hold casts that Swift cannot import.
private enum JSONFlags {
    /// The flag `JSON_REJECT_DUPLICATES`.
    static let rejectDuplicates = 0x1
    /// The flag `JSON_DECODE_ANY`.
    static let decodeAny = 0x4
    /// The flag `JSON_ALLOW_NUL`.
    static let allowNull = 0x10
}
