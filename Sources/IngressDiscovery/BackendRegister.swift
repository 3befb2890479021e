internal import KubernetesAPI
internal import NetworkAddress
internal import Routing

/// The backends that routes lead to, each as long as one does, with numbers that stay.
struct BackendRegister: Sendable {
    private(set) var entries: [Backend.ID: BackendEntry] = [:]
    private var ids: [BackendKey: Backend.ID] = [:]
    private var idsByService: [NamespacedName: Set<Backend.ID>] = [:]
    private var idsByExternalName: [String: Set<Backend.ID>] = [:]
    private var numbers = NumberPool()
    /// The backends whose endpoints may differ from what was last compiled.
    private var touched: Set<Backend.ID> = []
    /// The backends that lost a host.
    private var left: Set<Backend.ID> = []
    /// Whether the set of names that DNS is wanted for may have changed.
    private var namesTouched = false

    /// The names that DNS is wanted for.
    var externalNames: Set<String> { Set(idsByExternalName.keys) }

    /// The number of a backend, which is new if nothing leads to it yet.
    mutating func id(of key: BackendKey) -> Backend.ID {
        if let id = ids[key] { return id }
        let id = Backend.ID(numbers.take())
        ids[key] = id
        entries[id] = BackendEntry(key: key)
        idsByService[key.service, default: []].insert(id)
        touched.insert(id)
        return id
    }

    /// Says which backends a host's routes lead to, and which of them it reports the faults of.
    mutating func setBackends(
        of host: String,
        from former: Set<Backend.ID>,
        to latter: Set<Backend.ID>,
        reporting uses: [BackendUse],
        after formerUses: [BackendUse]
    ) {
        for id in latter where !former.contains(id) { entries[id]?.hosts.insert(host) }
        for id in former where !latter.contains(id) {
            entries[id]?.hosts.remove(host)
            left.insert(id)
        }
        for use in formerUses { entries[use.backend]?.reporters.remove(host) }
        for use in uses { entries[use.backend]?.reporters.insert(host) }
    }

    /// Marks the backends of a Service.
    mutating func touch(service: NamespacedName) { touched.formUnion(idsByService[service, default: []]) }

    /// Marks the backends that a name leads to.
    mutating func touch(externalName: String) { touched.formUnion(idsByExternalName[externalName, default: []]) }

    /// Whether DNS is wanted for a name.
    func wants(externalName: String) -> Bool { idsByExternalName[externalName] != nil }

    /// Takes away the backends that nothing leads to any more, and returns their numbers in order.
    mutating func removeUnused() -> [Backend.ID] {
        var removed: [Backend.ID] = []
        for id in left {
            guard let entry = entries[id], entry.hosts.isEmpty else { continue }
            setExternalName(of: id, to: nil)
            entries[id] = nil
            ids[entry.key] = nil
            idsByService[entry.key.service]?.remove(id)
            if idsByService[entry.key.service]?.isEmpty == true { idsByService[entry.key.service] = nil }
            touched.remove(id)
            numbers.give(back: Int(id))
            removed.append(id)
        }
        left.removeAll()
        return removed.sorted()
    }

    /// Returns the marked backends in order, and takes the marks off.
    mutating func takeTouched() -> [Backend.ID] {
        let ids = touched.sorted()
        touched.removeAll()
        return ids
    }

    /// Returns all names that DNS is wanted for if they are others than at the last call.
    mutating func takeExternalNames() -> Set<String>? {
        guard namesTouched else { return nil }
        namesTouched = false
        return externalNames
    }

    /// Lets the numbers of removed backends be given to others.
    mutating func settleNumbers() { numbers.settle() }

    /// Keeps what a backend was compiled to.
    mutating func setOutcome(of id: Backend.ID, compiled: Backend, fault: BackendFault?, externalName: String?) {
        setExternalName(of: id, to: externalName)
        entries[id]?.compiled = compiled
        entries[id]?.fault = fault
    }

    private mutating func setExternalName(of id: Backend.ID, to name: String?) {
        guard let former = entries[id]?.externalName, former != name else {
            if let name, entries[id]?.externalName == nil { addExternalName(name, of: id) }
            return
        }
        idsByExternalName[former]?.remove(id)
        if idsByExternalName[former]?.isEmpty == true {
            idsByExternalName[former] = nil
            namesTouched = true
        }
        entries[id]?.externalName = nil
        if let name { addExternalName(name, of: id) }
    }

    private mutating func addExternalName(_ name: String, of id: Backend.ID) {
        if idsByExternalName[name] == nil { namesTouched = true }
        idsByExternalName[name, default: []].insert(id)
        entries[id]?.externalName = name
    }
}
