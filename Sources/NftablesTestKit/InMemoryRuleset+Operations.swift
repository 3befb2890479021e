internal import Nftables

extension InMemoryRuleset {
    /// Makes one change and notes how to undo it, or throws the reason why the kernel would not make it.
    ///
    /// What was done before an element is refused stays noted: the kernel undoes it with the whole transaction too.
    func perform(_ operation: Operation, log: inout ChangeLog) throws(Refusal) {
        if let reason = testReason(against: operation, nil) { throw Refusal(reason) }
        switch operation {
        case .addTable(let table): try add(table, log: &log)
        case .deleteTable(let table):
            log.append(.tableDeleted(try state(of: table)))
            set(table, to: nil)
        case .addChain(let table, let chain): try add(chain, to: state(of: table), log: &log)
        case .deleteChain(let table, let name): try deleteChain(name, in: state(of: table), log: &log)
        case .flushRules(let table):
            let table = try state(of: table)
            for chain in table.chains.values where !chain.rules.isEmpty {
                log.append(.rulesDeleted(table, chain, table.removeRules(of: chain)))
            }
        case .addRule(let table, let chain, let rule): try add(rule, to: chain, in: state(of: table), log: &log)
        case .addSet(let table, let set): try add(set, to: state(of: table), log: &log)
        case .deleteSet(let table, let name): try deleteSet(name, in: state(of: table), log: &log)
        case .flushSet(let table, let name):
            let table = try state(of: table)
            let set = try Self.set(name, in: table)
            for (key, content) in set.contents {
                log.append(.element(table, set, key, was: content))
                table.put(nil, at: key, in: set)
            }
        case .addElements(let table, let name, let elements):
            let table = try state(of: table)
            let set = try Self.set(name, in: table)
            for (index, element) in elements.enumerated() {
                if let reason = reason(against: operation, element)
                    ?? Self.add(element, to: set, in: table, log: &log)
                {
                    throw Refusal(reason, element: index)
                }
            }
        case .deleteElements(let table, let name, let elements):
            let table = try state(of: table)
            let set = try Self.set(name, in: table)
            for (index, element) in elements.enumerated() {
                if let reason = reason(against: operation, element)
                    ?? Self.delete(element, from: set, in: table, log: &log)
                {
                    throw Refusal(reason, element: index)
                }
            }
        }
    }

    private func reason(against operation: Operation, _ element: Element) -> KernelReason? {
        isRefusing ? testReason(against: operation, element) : nil
    }

    private func state(of table: Table) throws(Refusal) -> TableState {
        guard let state = tables[table] else { throw Refusal(.notFound) }
        return state
    }

    private static func set(_ name: String, in table: TableState) throws(Refusal) -> SetState {
        if let set = table.sets[name] { return set }
        // An element of ours has neither the key nor the flags that somebody else's set wants.
        throw Refusal(table.foreignSets.contains(name) ? .invalid : .notFound)
    }

    // MARK: - Tables, chains and rules

    private func add(_ table: Table, log: inout ChangeLog) throws(Refusal) {
        try Self.checkName(table.name)
        guard tables[table] == nil else { return }
        set(table, to: TableState(table))
        log.append(.tableAdded(table))
    }

    private func add(_ chain: Chain, to table: TableState, log: inout ChangeLog) throws(Refusal) {
        try Self.checkName(chain.name)
        if let existing = table.chains[chain.name] {
            if let reason = Self.mismatch(of: chain.base, with: existing.chain.base) { throw Refusal(reason) }
            log.append(.updated)
            return
        }
        if let base = chain.base, !base.isPossible { throw Refusal(.unsupported) }
        let state = ChainState(chain, serial: nextSerial())
        table.attach(state)
        log.append(.chainAdded(table, state))
    }

    /// Why a chain cannot be declared once more with another base (`nf_tables_updchain` and `nft_chain_parse_hook`).
    ///
    /// A declaration without a hook says nothing about it, and so fits any chain.
    private static func mismatch(of base: BaseHook?, with existing: BaseHook?) -> KernelReason? {
        guard let base else { return nil }
        guard let existing else { return .unsupported }
        if base.hook != existing.hook || base.priority != existing.priority { return .unsupported }
        return base.type == existing.type ? nil : .exists
    }

    private func deleteChain(_ name: String, in table: TableState, log: inout ChangeLog) throws(Refusal) {
        guard let chain = table.chains[name] else { throw Refusal(.notFound) }
        guard chain.rules.isEmpty, chain.users == 0 else { throw Refusal(.busy) }
        table.detach(chain)
        log.append(.chainDeleted(table, chain))
    }

    private func add(
        _ rule: Rule,
        to chain: String,
        in table: TableState,
        log: inout ChangeLog
    ) throws(Refusal) {
        guard let chain = table.chains[chain] else { throw Refusal(.notFound) }
        if let reason = table.ruleProblem(rule) { throw Refusal(reason) }
        table.append(rule, to: chain)
        table.needsValidation = table.needsValidation || rule.statements.contains(where: \.dependsOnPlace)
        log.append(.ruleAdded(table, chain))
    }

    // MARK: - Sets

    private func add(_ set: SetDeclaration, to table: TableState, log: inout ChangeLog) throws(Refusal) {
        try Self.checkName(set.name)
        guard !table.foreignSets.contains(set.name) else { throw Refusal(.exists) }
        if let existing = table.sets[set.name] {
            guard existing.declaration == set else { throw Refusal(.exists) }
            log.append(.updated)
            return
        }
        // A key without fields has no length, which the kernel refuses; so has data.
        if set.key.isEmpty || set.content == .fields([]) { throw Refusal(.invalid) }
        let state = SetState(set, serial: nextSerial())
        table.attach(state)
        log.append(.setAdded(table, state))
    }

    private func deleteSet(_ name: String, in table: TableState, log: inout ChangeLog) throws(Refusal) {
        if table.foreignSets.remove(name) != nil {
            log.append(.foreignSetDeleted(table, name: name))
            return
        }
        guard let set = table.sets[name] else { throw Refusal(.notFound) }
        guard set.rules == 0 else { throw Refusal(.busy) }
        table.detach(set)
        log.append(.setDeleted(table, set))
    }

    // MARK: - Elements

    private static func add(
        _ element: Element,
        to set: SetState,
        in table: TableState,
        log: inout ChangeLog
    ) -> KernelReason? {
        if let reason = table.elementProblem(element, in: set) { return reason }
        let content = ElementContent(value: element.value, comment: element.comment)
        if let existing = set.contents[element.key] { return existing.value == content.value ? nil : .exists }
        if let target = content.target, set.rules > 0, set.targets[target] == nil { table.needsValidation = true }
        table.put(content, at: element.key, in: set)
        log.append(.element(table, set, element.key, was: nil))
        return nil
    }

    private static func delete(
        _ element: Element,
        from set: SetState,
        in table: TableState,
        log: inout ChangeLog
    ) -> KernelReason? {
        guard element.key.count == set.keyWords else { return .invalid }
        guard let content = table.put(nil, at: element.key, in: set) else { return .notFound }
        log.append(.element(table, set, element.key, was: content))
        return nil
    }
}
