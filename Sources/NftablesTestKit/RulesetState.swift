internal import Nftables

/// A table of the ruleset in memory, with what leads where in it counted.
final class TableState {
    let table: Table
    private(set) var chains: [String: ChainState] = [:]
    private(set) var sets: [String: SetState] = [:]
    /// The names of sets that other programs made and that `SetDeclaration` cannot express.
    var foreignSets: Set<String> = []
    /// Whether another program has put a counter or the like there.
    var hasForeignObjects = false
    /// Whether something was added that `verdictProblem` has not looked at yet.
    var needsValidation = false

    init(_ table: Table) { self.table = table }

    // Every change below keeps the counts right, so that undoing is making the opposite change.

    func attach(_ chain: ChainState) { chains[chain.chain.name] = chain }

    func detach(_ chain: ChainState) { chains[chain.chain.name] = nil }

    func attach(_ set: SetState) {
        sets[set.declaration.name] = set
        for (target, count) in set.targets { chains[target]?.users += count }
    }

    func detach(_ set: SetState) {
        sets[set.declaration.name] = nil
        for (target, count) in set.targets { chains[target]?.users -= count }
    }

    func append(_ rule: Rule, to chain: ChainState) {
        chain.rules.append(rule)
        count(rule, by: 1)
    }

    func removeLastRule(of chain: ChainState) {
        if let rule = chain.rules.popLast() { count(rule, by: -1) }
    }

    func removeRules(of chain: ChainState) -> [Rule] {
        let rules = chain.rules
        for rule in rules { count(rule, by: -1) }
        chain.rules = []
        return rules
    }

    /// Puts an element in the place of another, or takes it away, and returns the one that was there.
    @discardableResult
    func put(_ content: ElementContent?, at key: PackedFields, in set: SetState) -> ElementContent? {
        let old = set.replace(key, by: content)
        if let target = old?.target { chains[target]?.users -= 1 }
        if let target = content?.target { chains[target]?.users += 1 }
        return old
    }

    private func count(_ rule: Rule, by step: Int) {
        for statement in rule.statements {
            if let target = statement.target { chains[target]?.users += step }
            if let name = statement.setUse?.name { sets[name]?.rules += step }
        }
    }
}

/// A chain of the ruleset in memory.
final class ChainState {
    let chain: Chain
    /// The place in the order in which the ruleset's chains and sets were made.
    let serial: Int
    var rules: [Rule] = []
    /// The number of verdicts, in rules and in elements, that lead here.
    var users = 0

    init(_ chain: Chain, serial: Int) {
        self.chain = chain
        self.serial = serial
    }
}

/// What an element of the ruleset in memory holds besides its key.
struct ElementContent: Hashable {
    let value: Element.Value
    let comment: String?

    var target: String? {
        if case .verdict(let verdict) = value { verdict.target } else { nil }
    }
}

/// A set or map of the ruleset in memory.
final class SetState {
    let declaration: SetDeclaration
    let serial: Int
    let keyWords: Int
    /// The words of the data; nil unless elements hold fields.
    let valueWords: Int?
    /// The number of statements of rules that look something up here.
    var rules = 0
    private(set) var contents: [PackedFields: ElementContent] = [:]
    /// The chains that elements lead to, with the number of elements that do.
    private(set) var targets: [String: Int] = [:]

    init(_ declaration: SetDeclaration, serial: Int) {
        self.declaration = declaration
        self.serial = serial
        keyWords = declaration.key.words
        if case .fields(let types) = declaration.content { valueWords = types.words } else { valueWords = nil }
    }

    var elements: [Element] { contents.map { Element($0.key, $0.value.value, comment: $0.value.comment) } }

    fileprivate func replace(_ key: PackedFields, by content: ElementContent?) -> ElementContent? {
        let old = contents.updateOrRemove(key, content)
        if let target = old?.target {
            let rest = targets[target, default: 0] - 1
            targets[target] = rest > 0 ? rest : nil
        }
        if let target = content?.target { targets[target, default: 0] += 1 }
        return old
    }
}

extension Dictionary {
    fileprivate mutating func updateOrRemove(_ key: Key, _ value: Value?) -> Value? {
        if let value { updateValue(value, forKey: key) } else { removeValue(forKey: key) }
    }
}

extension Statement {
    /// The chain that the statement itself sends packets to.
    var target: String? {
        if case .verdict(let verdict) = self { verdict.target } else { nil }
    }

    /// The set that the statement looks its fields up in.
    var setUse: (fields: [Field], name: String)? {
        switch self {
        case .member(let fields, let name, _), .verdictMap(let fields, let name), .destinationNAT(let fields, let name):
            (fields, name)
        case .remember(let fields, _, let name, _), .forget(let fields, _, let name):
            (fields, name)
        case .match, .verdict, .masquerade, .reject, .setMarkBits, .flipMarkBits:
            nil
        }
    }
}
