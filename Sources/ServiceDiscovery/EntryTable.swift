internal import ServiceModel

/// The entries of all Services, found by name.
///
/// A dictionary keeps its values where they are hashed to, with up to twice as many places as it has values. An entry is
/// large, so that here the dictionary holds a number, and the entries stand side by side.
struct EntryTable: Sendable {
    private var numbers: [ObjectName: UInt32] = [:]
    /// The entries by number; an empty one where one was removed.
    private var entries: ContiguousArray<ServiceEntry> = []
    /// The numbers of removed entries.
    private var free: [UInt32] = []

    /// The entry of a Service, if there is one.
    subscript(name: ObjectName) -> ServiceEntry? { numbers[name].map { entries[Int($0)] } }

    /// Changes the entry of a Service where it stands; one that is not there begins empty.
    mutating func change<Result>(_ name: ObjectName, _ body: (inout ServiceEntry) -> Result) -> Result {
        let number = numbers[name] ?? insert(name)
        return body(&entries[Int(number)])
    }

    /// Removes the entry of a Service when nothing is known and nothing was said of it.
    mutating func removeIfVacant(_ name: ObjectName) {
        guard let number = numbers[name], entries[Int(number)].isVacant else { return }
        numbers[name] = nil
        if numbers.isEmpty {
            self = EntryTable()
        } else {
            entries[Int(number)] = ServiceEntry()
            free.append(number)
        }
    }

    private mutating func insert(_ name: ObjectName) -> UInt32 {
        let number = free.popLast() ?? UInt32(entries.count)
        if Int(number) == entries.count { entries.append(ServiceEntry()) }
        numbers[name] = number
        return number
    }
}
