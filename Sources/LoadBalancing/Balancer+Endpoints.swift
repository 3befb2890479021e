internal import NetworkAddress

extension Balancer {
    /// Makes the given endpoints the present ones, and returns the slots of those that are no longer.
    mutating func replaceEndpoints(with endpoints: [BackendEndpoint], now: Milliseconds) -> [EndpointSlot] {
        let startingScore = meanScore(now: now)
        var wanted = Set(endpoints.map(\.address))
        var departed: [EndpointSlot] = []
        for position in order.indices where !wanted.contains(records[Int(order[position])].address) {
            departed.append(slot(at: position))
        }
        for slot in departed {
            records[slot.index].generation &+= 1
            records[slot.index].position = nil
        }
        for record in records where record.position != nil { wanted.remove(record.address) }

        // What is still wanted is new; the list's order makes the outcome the same wherever it is computed.
        var free = records.indices.filter { records[$0].position == nil }[...]
        for endpoint in endpoints where wanted.remove(endpoint.address) != nil {
            var record = EndpointRecord(endpoint.address)
            record.score = startingScore
            record.scoredAt = now
            if let index = free.popFirst() {
                record.generation = records[index].generation
                records[index] = record
            } else {
                records.append(record)
            }
        }
        layOut()
        return departed
    }

    /// Orders the present endpoints by their slots, ejected ones last.
    private mutating func layOut() {
        let present = records.indices.filter { records[$0].position != nil }.map(UInt32.init)
        let ejected = present.filter { records[Int($0)].isEjected }
        order = present.filter { !records[Int($0)].isEjected } + ejected
        inService = order.count - ejected.count
        identities = order.map { StableHash.of(records[Int($0)].address) }
        for (position, index) in order.enumerated() { records[Int(index)].position = UInt32(position) }
    }
}
