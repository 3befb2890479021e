/// What a reflector asks of a server.
package struct ReflectorRequest: Hashable, Sendable {
    /// The ways to learn what there is.
    package enum Verb: Hashable, Sendable {
        /// A page of a list.
        case list
        /// A watch that begins with all objects.
        case watchWithObjects
        /// A watch that goes on from a version.
        case watch

        /// Whether the answer is a stream of events.
        package var isWatch: Bool { self != .list }
    }

    /// The way.
    package let verb: Verb

    /// The path and query.
    package let target: String
}

extension ReflectorRequest {
    /// Which objects a list begins with.
    enum Freshness: Hashable, Sendable {
        /// Those that the server has at hand, which may be some seconds old.
        case any
        /// Those that there are.
        case latest
    }

    /// Asks for a page of a list.
    static func list(
        _ resource: WatchedResource,
        selectors: Selectors,
        freshness: Freshness,
        limit: Int?,
        continuation: String?
    ) -> ReflectorRequest {
        var query = Query(selectors)
        if let limit { query.add("limit", String(limit)) }
        if let continuation {
            // The token says which version it continues; the server refuses another one beside it.
            query.add("continue", continuation)
        } else if freshness == .any {
            query.add("resourceVersion", "0")
            query.add("resourceVersionMatch", "NotOlderThan")
        }
        return ReflectorRequest(verb: .list, target: resource.path + query.text)
    }

    /// Asks for a watch; with no version it begins with all objects.
    static func watch(
        _ resource: WatchedResource,
        selectors: Selectors,
        from version: ResourceVersion?,
        seconds: Int
    ) -> ReflectorRequest {
        var query = Query(selectors)
        query.add("watch", "true")
        query.add("allowWatchBookmarks", "true")
        query.add("timeoutSeconds", String(seconds))
        if let version {
            query.add("resourceVersion", version.text)
        } else {
            query.add("sendInitialEvents", "true")
            query.add("resourceVersionMatch", "NotOlderThan")
        }
        return ReflectorRequest(verb: version == nil ? .watchWithObjects : .watch, target: resource.path + query.text)
    }

    /// The selectors that are in force.
    struct Selectors: Hashable, Sendable {
        var labels: String?
        var fields: [String]
    }

    private struct Query {
        private(set) var text = ""

        init(_ selectors: Selectors) {
            if let labels = selectors.labels { add("labelSelector", labels) }
            if !selectors.fields.isEmpty { add("fieldSelector", selectors.fields.joined(separator: ",")) }
        }

        mutating func add(_ name: String, _ value: String) {
            text += text.isEmpty ? "?" : "&"
            text += "\(name)=\(value.percentEncoded)"
        }
    }
}
