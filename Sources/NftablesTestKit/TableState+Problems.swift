internal import NetworkAddress
internal import Nftables

/// The most bytes of a name (`NFT_NAME_MAXLEN` of the kernel, with its NUL).
private let nameBytesMax = 255

/// The most chains that a packet can be in at once (`NFT_JUMP_STACK_SIZE`).
private let chainsDeepMax = 16

extension InMemoryRuleset {
    static func checkName(_ name: String) throws(Refusal) {
        if name.utf8.count > nameBytesMax { throw Refusal(.outOfRange) }
    }
}

// MARK: - What is wrong with one part, seen alone

extension BaseHook {
    /// Whether the kernel has such a place.
    ///
    /// Addresses are not translated on the forward hook, nor before connection tracking (`NF_IP_PRI_CONNTRACK`).
    var isPossible: Bool { type != .nat || (hook != .forward && priority > -200) }
}

extension TableState {
    /// Why the kernel would not take an element.
    func elementProblem(_ element: Element, in set: SetState) -> KernelReason? {
        guard element.key.count == set.keyWords else { return .invalid }
        if let comment = element.comment, comment.utf8.count > Element.commentBytesMax { return .invalid }
        switch (element.value, set.declaration.content) {
        case (.none, .members): return set.declaration.form == .ranges ? .invalid : nil
        case (.upTo(let last), .members):
            guard set.declaration.form == .ranges, last.count == set.keyWords, element.key.isBetween(element.key, last)
            else { return .invalid }
            return nil
        case (.fields(let fields), .fields): return fields.count == set.valueWords ? nil : .invalid
        case (.verdict(let verdict), .verdicts): return targetProblem(verdict)
        default: return .invalid
        }
    }

    /// Why the kernel would not take a rule, wherever it stands.
    ///
    /// Beyond the kernel, which sees registers only, this refuses keys that are longer than the set's or of other types,
    /// and comparisons that the field's type does not have.
    func ruleProblem(_ rule: Rule) -> KernelReason? {
        if let comment = rule.comment, comment.utf8.count > Element.commentBytesMax { return .invalid }
        for statement in rule.statements {
            if let problem = statementProblem(statement) { return problem }
        }
        return nil
    }

    private func statementProblem(_ statement: Statement) -> KernelReason? {
        switch statement {
        case .match(let field, let comparison):
            return comparison.fits(field.type(in: table.family)) ? nil : .invalid
        case .verdict(let verdict):
            return targetProblem(verdict)
        case .member(let fields, let name, _):
            return lookupProblem(fields, name) { _ in true }
        case .verdictMap(let fields, let name):
            return lookupProblem(fields, name) { $0 == .verdicts }
        case .destinationNAT(let fields, let name):
            return lookupProblem(fields, name) { $0 == .fields([.address(table.family.addressFamily), .port]) }
        case .remember(let fields, let value, let name, _), .forget(let fields, let value, let name):
            let types = value.types(in: table.family)
            guard case .dynamic = sets[name]?.declaration.form else { return .unsupported }
            return lookupProblem(fields, name) { $0 == .fields(types) }
        case .masquerade, .reject, .setMarkBits, .flipMarkBits:
            return nil
        }
    }

    private func lookupProblem(
        _ fields: [Field],
        _ name: String,
        wants isWanted: (SetDeclaration.Content) -> Bool
    ) -> KernelReason? {
        guard let set = sets[name]?.declaration else { return foreignSets.contains(name) ? .invalid : .notFound }
        return isWanted(set.content) && fields.types(in: table.family) == set.key ? nil : .invalid
    }

    private func targetProblem(_ verdict: Verdict) -> KernelReason? {
        guard let target = verdict.target else { return nil }
        guard let chain = chains[target] else { return .notFound }
        return chain.chain.base == nil ? nil : .unsupported
    }
}

extension Comparison {
    fileprivate func fits(_ type: DataType) -> Bool {
        switch (self, type) {
        case (.isIn(let prefix), .address(let family)), (.isNotIn(let prefix), .address(let family)):
            prefix.family == family
        case (.isNamed, .interfaceName), (.isNamedLike, .interfaceName): true
        case (.isNamed, _), (.isNamedLike, _), (.isIn, _), (.isNotIn, _), (_, .address), (_, .interfaceName): false
        case (.equals, _), (.hasAnyBit, _): true
        }
    }
}

// MARK: - What is wrong with the whole

extension TableState {
    /// What the kernel finds wrong when it walks all ways from the table's base chains (`nft_table_validate`).
    ///
    /// Chains that no base chain leads to are not looked at.
    var verdictProblem: KernelReason? {
        for chain in chains.values.sorted(by: { $0.serial < $1.serial }) {
            guard let base = chain.chain.base else { continue }
            var deepest: [String: Int] = [:]
            if let problem = problem(in: chain, level: 0, base: base, deepest: &deepest) { return problem }
        }
        return nil
    }

    private func problem(
        in chain: ChainState,
        level: Int,
        base: BaseHook,
        deepest: inout [String: Int]
    ) -> KernelReason? {
        guard level < chainsDeepMax else { return .tooManyLinks }
        // Walked at this depth or a deeper one before: there is nothing new to find.
        if let known = deepest[chain.chain.name], known >= level { return nil }
        deepest[chain.chain.name] = level
        for rule in chain.rules {
            for statement in rule.statements {
                guard statement.isPossible(in: base) else { return .unsupported }
                for target in targets(of: statement) {
                    guard let next = chains[target] else { continue }
                    if let problem = problem(in: next, level: level + 1, base: base, deepest: &deepest) {
                        return problem
                    }
                }
            }
        }
        return nil
    }

    private func targets(of statement: Statement) -> [String] {
        if let target = statement.target { return [target] }
        guard case .verdictMap(_, let name) = statement, let set = sets[name] else { return [] }
        return Array(set.targets.keys)
    }
}

extension Statement {
    /// Whether the kernel looks at the ways that lead to the statement before it commits.
    var dependsOnPlace: Bool {
        switch self {
        case .verdict(let verdict): verdict.target != nil
        case .verdictMap, .destinationNAT, .masquerade, .reject: true
        case .match, .member, .remember, .forget, .setMarkBits, .flipMarkBits: false
        }
    }

    fileprivate func isPossible(in base: BaseHook) -> Bool {
        switch self {
        case .destinationNAT: base.type == .nat && (base.hook == .prerouting || base.hook == .output)
        case .masquerade: base.type == .nat && base.hook == .postrouting
        case .reject: base.hook != .postrouting
        default: true
        }
    }
}

extension Operation {
    /// The table that the kernel looks over after this operation, once it knows that something is wrong.
    var tableToValidate: Table? {
        switch self {
        case .addRule(let table, _, _), .addElements(let table, _, _): table
        default: nil
        }
    }
}
