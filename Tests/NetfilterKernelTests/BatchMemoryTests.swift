import Nftables
import Testing

@testable import NetfilterKernel

/// A large batch is rare; its memory is given back.
struct BatchMemoryTests {
    @Test func `a buffer keeps what it holds while it grows, and shrinks when it is emptied`() {
        var buffer = MessageBuffer()
        let resting = buffer.capacity
        var expected: [UInt8] = []
        for number in 0..<2_000 {
            // A message of 1,000 bytes whose length stands first; the last bytes are padding.
            let message = [0xe6, 0x03, 0, 0] + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 996)
            // The room is as large as asked for.
            unsafe buffer.room(for: 1_000).copyMemory(from: message, byteCount: 1_000)
            buffer.finishMessage()
            expected += message
        }
        #expect(buffer.count == 2_000_000)
        #expect(buffer.capacity >= buffer.count)
        let held = unsafe Array(UnsafeRawBufferPointer(start: buffer.base, count: buffer.count))
        #expect(held == expected)
        buffer.removeAll()
        #expect(buffer.count == 0)
        #expect(buffer.capacity == resting)
    }

    @Test(.needsNetworkNamespaces, arguments: [false, true])
    func `a store keeps no large batch, also not a refused one`(_ isRefused: Bool) throws {
        try inNewNetworkNamespace {
            let store = try KernelRuleset()
            let adding = Operation.addElements(
                Fixture.table,
                set: isRefused ? "missing" : Fixture.addresses.name,
                Fixture.elements(0..<50_000)
            )
            #expect((store.error(of: Fixture.made + [adding]) != nil) == isRefused)
            #expect(store.encoder.messages.capacity == MessageBuffer().capacity)
        }
    }
}
