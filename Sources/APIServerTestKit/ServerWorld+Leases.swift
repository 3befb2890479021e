extension ServerWorld {
    /// Answers a request about a Lease, of which writers name the version that they have read; nil for other requests.
    mutating func answerAboutLease(_ request: ServerRequest) -> ServedAnswer? {
        let isCollection = request.path.hasSuffix("/leases")
        guard isCollection || request.path.contains("/leases/") else { return nil }
        switch request.method {
        case "POST" where isCollection:
            guard let name = Self.text("name", in: request.body) else {
                return status(422, reason: "Invalid", "the name is missing")
            }
            let path = "\(request.path)/\(name)"
            guard leases[path] == nil else { return status(409, reason: "AlreadyExists", "it is there already") }
            return plain(201, body: keep(request.body, at: path))
        case "GET" where !isCollection:
            guard let lease = leases[request.path] else { return status(404, reason: "NotFound", "not found") }
            return plain(200, body: lease)
        case "PUT" where !isCollection:
            guard let lease = leases[request.path] else { return status(404, reason: "NotFound", "not found") }
            guard Self.text("resourceVersion", in: request.body) == Self.text("resourceVersion", in: lease) else {
                return status(409, reason: "Conflict", "the object has been modified")
            }
            return plain(200, body: keep(request.body, at: request.path))
        default: return status(405, reason: "MethodNotAllowed", "the method is not allowed")
        }
    }

    private mutating func keep(_ body: String, at path: String) -> String {
        version += 1
        var text = body
        if let old = Self.text("resourceVersion", in: body) {
            text = Self.replacing(
                "\"resourceVersion\":\"\(old)\"",
                with: "\"resourceVersion\":\"\(version)\"",
                in: text
            )
        } else {
            text = Self.replacing("\"metadata\":{", with: "\"metadata\":{\"resourceVersion\":\"\(version)\",", in: text)
        }
        leases[path] = text
        return text
    }

    /// The text of a member, in JSON without spaces.
    private static func text(_ name: String, in json: String) -> String? {
        guard let start = json.firstRange(of: "\"\(name)\":\"")?.upperBound else { return nil }
        return json[start...].firstIndex(of: "\"").map { String(json[start..<$0]) }
    }

    private static func replacing(_ part: String, with new: String, in text: String) -> String {
        guard let range = text.firstRange(of: part) else { return text }
        return text[..<range.lowerBound] + new + text[range.upperBound...]
    }
}
