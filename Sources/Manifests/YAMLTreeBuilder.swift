internal import KubernetesAPI

/// Puts the events of a YAML stream together to trees, one for each document.
///
/// The items of a list document are handed out one by one, since `kubectl get -o yaml` prints a whole cluster as one
/// document, whose tree would take twenty times its text. The root that follows has an empty `items` in their place.
struct YAMLTreeBuilder {
    /// What an event has completed.
    enum Completion {
        /// An element of the root's `items`, and the root's members before `items`.
        case item(ObjectValue, line: Int, header: ObjectValue)
        /// A document; null when it is empty.
        case document(ObjectValue, line: Int)
    }

    private var frames: [Frame] = []
    private var anchors: [String: Anchored] = [:]
    private var nodesFromAliases = 0
    /// The number of values so far, those from aliases included.
    private var nodes = 0
    private var defects: [DocumentDefect] = []
    private var root: (value: ObjectValue, line: Int)?

    /// The mistakes found since the last call.
    mutating func takeDefects() -> [DocumentDefect] {
        defer { defects = [] }
        return defects
    }

    /// Takes the next event; throws when the document cannot be put together.
    mutating func receive(
        _ event: YAMLEvent,
        at position: YAMLPosition
    ) throws(ManifestSyntaxError) -> Completion? {
        switch event {
        case .documentStart:
            self = YAMLTreeBuilder()
        case .documentEnd:
            let (value, line) = root ?? (.null, position.line)
            return .document(value, line: line)
        case .scalar(let text, let isPlain, let tag, let anchor):
            guard frames.last?.expectsKey == true else {
                let value = ObjectValue(yamlScalar: text, isPlain: isPlain, tag: tag)
                nodes += 1
                return try complete(value, anchor: anchor, size: 1, at: position)
            }
            if let anchor { anchors[anchor] = Anchored(value: .string(text), size: 1) }
            addKey(text, isMerge: isPlain && text == "<<" && tag == nil, line: position.line)
        case .alias(let name):
            return try complete(alias: name, at: position)
        case .sequenceStart(let anchor):
            try open(Frame(isMapping: false, anchor: anchor, start: position, nodesBefore: nodes), at: position)
        case .mappingStart(let anchor):
            try open(Frame(isMapping: true, anchor: anchor, start: position, nodesBefore: nodes), at: position)
        case .sequenceEnd, .mappingEnd:
            guard let frame = frames.popLast() else { return nil }
            let value: ObjectValue = frame.isMapping ? .object(frame.mergedMembers) : .array(frame.elements)
            nodes += 1
            return try complete(value, anchor: frame.anchor, size: nodes - frame.nodesBefore, at: frame.start)
        }
        return nil
    }

    private mutating func open(_ frame: Frame, at position: YAMLPosition) throws(ManifestSyntaxError) {
        if frames.last?.expectsKey == true {
            throw error("a list or an object stands where a key is expected", position)
        }
        guard frames.count < ManifestLimits.depthMax else {
            throw error("lists and objects are nested deeper than \(ManifestLimits.depthMax)", position)
        }
        frames.append(frame)
    }

    private mutating func addKey(_ text: String, isMerge: Bool, line: Int) {
        let last = frames.count - 1
        frames[last].key = text
        frames[last].isMergeKey = isMerge
        if !isMerge, !frames[last].addName(text) {
            defects.append(
                DocumentDefect(line: line, message: "the key \(ObjectValue.quoted(text)) stands twice in one object")
            )
        }
    }

    private mutating func complete(
        alias name: String,
        at position: YAMLPosition
    ) throws(ManifestSyntaxError)
        -> Completion?
    {
        guard let anchored = anchors[name] else {
            throw error("the alias *\(name) has no anchor &\(name) before it", position)
        }
        // A tree that aliases repeat takes no memory, but each repetition is walked when it is decoded.
        nodesFromAliases += anchored.size
        guard nodesFromAliases <= ManifestLimits.nodesFromAliasesMax else {
            throw error("aliases repeat more than \(ManifestLimits.nodesFromAliasesMax) values", position)
        }
        if frames.last?.expectsKey == true {
            guard case .string(let text) = anchored.value else {
                throw error("the alias *\(name), which is no text, stands where a key is expected", position)
            }
            addKey(text, isMerge: false, line: position.line)
            return nil
        }
        nodes += anchored.size
        return try complete(anchored.value, anchor: nil, size: anchored.size, at: position)
    }

    private mutating func complete(
        _ value: ObjectValue,
        anchor: String?,
        size: Int,
        at position: YAMLPosition
    ) throws(ManifestSyntaxError) -> Completion? {
        if let anchor { anchors[anchor] = Anchored(value: value, size: size) }
        let last = frames.count - 1
        guard last >= 0 else {
            root = (value, position.line)
            return nil
        }
        guard frames[last].isMapping else {
            if last == 1, frames[0].isMapping, frames[0].key == "items", frames[1].anchor == nil {
                return .item(value, line: position.line, header: .object(frames[0].members))
            }
            frames[last].elements.append(value)
            return nil
        }
        guard let key = frames[last].key else { return nil }
        frames[last].key = nil
        guard frames[last].isMergeKey else {
            frames[last].members.append(ObjectValue.Member(name: key, value: value))
            return nil
        }
        switch value {
        case .object: frames[last].merges.append(value)
        case .array(let sources):
            for source in sources {
                guard case .object = source else { throw error("<< merges a value that is no object", position) }
                frames[last].merges.append(source)
            }
        default: throw error("<< merges a value that is no object", position)
        }
        return nil
    }

    private func error(_ message: String, _ position: YAMLPosition) -> ManifestSyntaxError {
        ManifestSyntaxError(line: position.line, column: position.column, message: message)
    }

    private struct Anchored {
        let value: ObjectValue
        /// The number of values in it, those from aliases included.
        let size: Int
    }
}

extension YAMLTreeBuilder {
    /// A list or an object that has begun and not ended.
    private struct Frame {
        let isMapping: Bool
        let anchor: String?
        let start: YAMLPosition
        let nodesBefore: Int
        var elements: [ObjectValue] = []
        var members: [ObjectValue.Member] = []
        var key: String?
        var isMergeKey = false
        var merges: [ObjectValue] = []
        /// The names of the members, kept once there are many.
        private var names: Set<String> = []

        init(isMapping: Bool, anchor: String?, start: YAMLPosition, nodesBefore: Int) {
            self.isMapping = isMapping
            self.anchor = anchor
            self.start = start
            self.nodesBefore = nodesBefore
        }

        var expectsKey: Bool { isMapping && key == nil }

        /// Notes the name of a member to come; false when there is one of that name already.
        mutating func addName(_ name: String) -> Bool {
            // Most objects have a handful of members, for which comparing is cheaper than hashing.
            if names.isEmpty {
                guard members.count >= 16 else { return !members.contains { $0.name == name } }
                names = Set(members.map(\.name))
            }
            return names.insert(name).inserted
        }

        /// The members with those of `<<` behind them; the object's own win, then the first that is merged.
        var mergedMembers: [ObjectValue.Member] {
            guard !merges.isEmpty else { return members }
            var merged = members
            var seen = Set(members.map(\.name))
            for case .object(let more) in merges {
                for member in more where seen.insert(member.name).inserted { merged.append(member) }
            }
            return merged
        }
    }
}
