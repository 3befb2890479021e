import LinuxSystem
import NetworkAddress
import Nftables
import Testing

@testable import NetfilterKernel

/// One transaction is one datagram to the kernel, however long it is.
@Suite(.needsNetworkNamespaces, .serialized)
struct LargeBatchTests {
    private static let elementCount = 100_000
    private static let table = Table(.ip6, "fairlead")
    private static let endpoints = SetDeclaration(
        "endpoints",
        key: [.address(.ipv6), .transportProtocol, .port, .number],
        content: .fields([.address(.ipv6), .port])
    )

    private func elements() throws -> [Element] {
        let port = try #require(Port(80))
        return (0..<Self.elementCount).map { number in
            let address = IPAddress(family: .ipv6, bits: 0xfd00 << 112 | UInt128(number))
            return Element(
                PackedFields(address, .tcp, port).appending(number: 0),
                .fields(PackedFields(TransportAddress(address, port))),
                comment: "default/web-\(number)"
            )
        }
    }

    @Test func `a batch far beyond wmem_max lands whole, and what fails of one leaves nothing behind`() throws {
        let limit = try #require(Int(try readFile(at: "/proc/sys/net/core/wmem_max").prefix { $0 != "\n" }))
        let elements = try elements()
        let filling: [Nftables.Operation] = [
            .addTable(Self.table), .addSet(Self.table, Self.endpoints),
            .addElements(Self.table, set: Self.endpoints.name, elements),
        ]
        var encoder = BatchEncoder()
        encoder.encode(Transaction(filling), firstSequence: 1, generation: nil)
        try #require(encoder.messages.count > 2 * limit, "the batch proves nothing: raise its size")
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let generation = try store.generation()

            let last = elements[Self.elementCount - 1]
            let wrong = Element(last.key, elements[0].value)
            let spoilt = filling + [.addElements(Self.table, set: Self.endpoints.name, [wrong])]
            #expect(refusals(store.error(of: spoilt)) == [.init(operation: 3, element: 0, reason: .exists)])
            #expect(try store.contents(of: Self.table) == nil)
            #expect(try store.generation() == generation)

            try store.apply(Transaction(filling))
            #expect(try store.generation() == generation + 1)
            let found = try store.elements(of: Self.endpoints, in: Self.table)
            #expect(found.count == Self.elementCount)
            expectSame(found, elements)

            try store.apply(
                Transaction([.deleteElements(Self.table, set: Self.endpoints.name, elements.dropLast())])
            )
            #expect(try store.elements(of: Self.endpoints, in: Self.table) == [last])
        }
    }
}
