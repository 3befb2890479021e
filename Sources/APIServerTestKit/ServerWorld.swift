/// What the stand-in server knows: objects, their history, and how it is to behave.
struct ServerWorld {
    /// Something that happened to an object.
    struct Change {
        let version: UInt64
        let before: StoredObject?
        let after: StoredObject?
    }

    struct Collection {
        var objects: [String: (object: StoredObject, version: UInt64)] = [:]
        var history: [Change] = []
    }

    /// The pages of a list that are still to come.
    struct Pages {
        let objects: [(object: StoredObject, version: UInt64)]
        let version: UInt64
    }

    var behaviour = ServerBehaviour()
    var version: UInt64 = 1000
    /// History up to here is forgotten.
    var compacted: UInt64 = 0
    var collections: [String: Collection] = [:]
    var pages: [String: Pages] = [:]
    var faults: [ServerFault] = []
    var requests: [ServerRequest] = []
    /// Leases by their paths, which clients read and write one by one.
    var leases: [String: String] = [:]
    /// The number of times that all watches were asked to send a bookmark.
    var bookmarks = 0
    /// The version that bookmarks name; nil for the right one.
    var bookmarkVersion: UInt64?
    /// The number of times that all watches were to end.
    var watchEnds = 0
    /// What the next watch of a collection is to say besides events.
    var words: [String: String] = [:]
    var isPaused = false
    var isDown = false
    var isStopping = false
    /// The number of times that all connections were to be closed.
    var hangUps = 0

    mutating func apply(_ object: StoredObject, to collection: String) {
        version += 1
        let before = collections[collection]?.objects[object.key]?.object
        collections[collection, default: Collection()].objects[object.key] = (object, version)
        collections[collection, default: Collection()].history.append(
            Change(version: version, before: before, after: object)
        )
    }

    mutating func delete(_ key: String, from collection: String) {
        guard let before = collections[collection]?.objects.removeValue(forKey: key)?.object else { return }
        version += 1
        collections[collection]?.history.append(Change(version: version, before: before, after: nil))
    }

    mutating func compact() {
        compacted = version
        pages = [:]
        for name in collections.keys { collections[name]?.history = [] }
    }

    /// The objects of a collection that a selector picks, by name.
    func objects(_ collection: String, _ selector: ObjectSelector) -> [(object: StoredObject, version: UInt64)] {
        (collections[collection]?.objects.values ?? [:].values).filter { selector.matches($0.object) }
            .sorted { $0.object.key < $1.object.key }
    }

    /// The events after a version, as a selector sees them: an object that it begins to pick is added, and so on.
    func events(_ collection: String, after version: UInt64, _ selector: ObjectSelector) -> [String] {
        (collections[collection]?.history ?? []).filter { $0.version > version }.compactMap { change in
            let was = change.before.map(selector.matches) ?? false
            let isNow = change.after.map(selector.matches) ?? false
            let type: String
            switch (was, isNow) {
            case (false, true): type = "ADDED"
            case (true, true): type = "MODIFIED"
            case (true, false): type = "DELETED"
            case (false, false): return nil
            }
            guard let object = isNow ? change.after : change.before else { return nil }
            return event(type, object.text(version: change.version))
        }
    }

    func event(_ type: String, _ object: String) -> String { #"{"type":"\#(type)","object":\#(object)}"# + "\n" }

    func bookmark(endsInitialEvents: Bool, version: UInt64? = nil) -> String {
        let mark = endsInitialEvents ? #","annotations":{"k8s.io/initial-events-end":"true"}"# : ""
        return event("BOOKMARK", #"{"metadata":{"resourceVersion":"\#(version ?? self.version)"\#(mark)}}"#)
    }
}

/// How a stand-in server behaves.
package struct ServerBehaviour: Hashable, Sendable {
    /// What the server makes of watches that ask for all objects first.
    package enum WatchList: Hashable, Sendable {
        case supported
        /// It answers 422, as servers do whose feature is off.
        case refused
        /// It passes over the parameter, as servers before Kubernetes 1.27 do.
        case ignored
    }

    /// What it makes of watches that ask for all objects first.
    package var watchList = WatchList.supported
    /// How many bytes a chunk has at most.
    package var chunkBytes = 64 * 1024
    /// Whether lists are compressed for clients that take it.
    package var compresses = false
    /// The tokens that are let in; nil for anybody.
    package var tokens: Set<String>?
    /// Collections that the server does not know.
    package var unknownCollections: Set<String> = []
    /// Field selectors that it does not know.
    package var unknownFields: Set<String> = []
    /// Field selectors of what nobody may list or watch, such as `metadata.name=secret`.
    package var forbiddenFields: Set<String> = []
    /// Whether items of lists are null where there are none, as old servers print them.
    package var printsNullLists = false

    /// Creates the behaviour of a server of today.
    package init() {}
}

/// Something that goes wrong once.
package struct ServerFault: Hashable, Sendable {
    /// What goes wrong.
    package enum Kind: Hashable, Sendable {
        /// Another answer than the right one; a body is the whole Status or page.
        case answer(status: Int, fields: [String] = [], body: String = "")
        /// The connection is closed after so many bytes of the answer.
        case cut(afterBytes: Int)
        /// The connection is reset after so many bytes of the answer.
        case reset(afterBytes: Int)
        /// The request is never answered.
        case silence
        /// The right head, then this body.
        case body(String)
    }

    /// What goes wrong.
    package var kind: Kind
    /// The end of the collection's path; nil for any.
    package var collection: String?
    /// Whether watches or lists are meant; nil for both.
    package var isWatch: Bool?
    /// Requests that go well before.
    package var skipped = 0

    /// Creates a fault.
    package init(_ kind: Kind, collection: String? = nil, isWatch: Bool? = nil, skipping skipped: Int = 0) {
        self.kind = kind
        self.collection = collection
        self.isWatch = isWatch
        self.skipped = skipped
    }
}

/// A request that the server has received.
package struct ServerRequest: Hashable, Sendable {
    /// The method.
    package let method: String
    /// The path, decoded as it came.
    package let path: String
    /// The parameters, decoded.
    package let query: [String: String]
    /// The header fields, with their names in lower case.
    package let fields: [String: String]
    /// The body.
    package let body: String

    /// Whether this is a watch.
    package var isWatch: Bool { query["watch"] == "true" }
}
