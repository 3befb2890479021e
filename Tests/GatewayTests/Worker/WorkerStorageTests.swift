import ByteBuffers
import EventIO
@testable import Gateway
import LinuxSystem
import NetworkAddress
import Routing
import Testing

/// Something whose end is counted.
private final class Counted {
    let ended: Ends
    let number: Int

    init(_ number: Int, _ ended: Ends) {
        self.number = number
        self.ended = ended
    }

    deinit { ended.count += 1 }

    final class Ends { var count = 0 }
}

struct `A slab` {
    @Test func `keeps what was put into it, and blanks what was taken out`() {
        var slab = Slab<Int>(blank: -1)
        var values: [Int32: Int] = [:]
        var random = SeededNumbers(seed: 11)
        for step in 0..<5000 {
            if values.isEmpty || Bool.random(using: &random) {
                guard let index = slab.insert() else {
                    Issue.record("the slab is full")
                    return
                }
                let (isNew, blank) = (values[index] == nil, slab[index])
                #expect(isNew && blank == -1, "step \(step)")
                slab[index] = step
                values[index] = step
            } else if let index = values.keys.sorted().randomElement(using: &random), let value = values[index] {
                let found = slab[index]
                #expect(found == value, "step \(step)")
                slab.remove(index)
                values[index] = nil
            }
            let count = slab.count
            #expect(count == values.count)
        }
        for (index, value) in values {
            let found = slab[index]
            #expect(found == value)
        }
    }
}

extension `A slab` {
    @Test func `gives back what lies behind the last entry in use, and gives out low numbers first then`() throws {
        var slab = Slab<Int>(blank: -1)
        var numbers: [Int32] = []
        for value in 0..<2000 {
            let inserted = slab.insert()
            let index = try #require(inserted)
            slab[index] = value
            numbers.append(index)
        }
        let full = slab.limit
        for index in numbers where slab[index] != 600 { slab.remove(index) }
        slab.trim()
        let (kept, value, count) = (slab.limit, slab[numbers[600]], slab.count)
        #expect(kept < full && kept > numbers[600])
        #expect(value == 600 && count == 1)
        let again = (0..<500).compactMap { _ in slab.insert() }
        #expect(again == Array(0..<500).map(Int32.init))
        let blanks = again.filter { slab[$0] == -1 }.count
        #expect(blanks == 500)
        for index in again { slab.remove(index) }
        slab.remove(numbers[600])
        slab.trim()
        let (empty, next) = (slab.limit, slab.insert())
        #expect(empty == 0 && next == 0)
    }
}

struct `A pool` {
    @Test func `gives back what lies behind the last entry in use`() {
        let ended = Counted.Ends()
        var pool = Pool<Counted>()
        let numbers = (0..<300).map { pool.insert(Counted($0, ended)) }
        for index in numbers where index != 70 { _ = pool.remove(index) }
        pool.trim()
        let kept = pool[70].number
        #expect(numbers[kept] == 70)
        let again = (0..<200).map { pool.insert(Counted($0, ended)) }
        #expect(again == (0..<201).filter { $0 != 70 }.map(Int32.init))
        for index in again { _ = pool.remove(index) }
        _ = pool.remove(70)
        pool.trim()
        let (count, next) = (pool.count, pool.insert(Counted(0, ended)))
        #expect(count == 0 && next == 0)
        #expect(ended.count == 500)
    }

    @Test func `ends what is removed, and what is left when it ends itself`() {
        let ended = Counted.Ends()
        do {
            var pool = Pool<Counted>()
            let numbers = (0..<200).map { pool.insert(Counted($0, ended)) }
            #expect(Set(numbers).count == 200)
            for index in numbers.prefix(150) { _ = pool.remove(index) }
            #expect(ended.count == 150)
            let left = pool.count
            #expect(left == 50)
            for (number, index) in numbers.enumerated().dropFirst(150) {
                let found = pool[index].number
                #expect(found == number)
            }
            for number in 0..<100 { _ = pool.insert(Counted(number, ended)) }
            let all = pool.count
            #expect(all == 150)
        }
        #expect(ended.count == 300)
    }
}

struct `A random text` {
    @Test(arguments: [
        0, 1, 9, 10, 15, 16, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0xa0a0_9f9f_0000_ffff, UInt64.max,
    ])
    func `has sixteen digits, leading zeros among them`(number: UInt64) {
        var buffer = ByteBuffer()
        buffer.append(hexadecimal16: number)
        let text = String(decoding: (0..<buffer.count).map { buffer.bytes[$0] }, as: UTF8.self)
        let digits = String(number, radix: 16)
        #expect(text == String(repeating: "0", count: 16 - digits.count) + digits)
    }
}

struct `A shelf of tables` {
    @Test func `keeps tables exactly as long as somebody holds on to them`() throws {
        let bench = try WorkerBench()
        var shelf = TableShelf(try bench.tables(scheme: .http))
        let first = shelf.hold()
        let firstTables = shelf.tables
        shelf.adopt(try bench.tables(scheme: .http))
        shelf.adopt(try bench.tables(scheme: .http))
        #expect(shelf.count == 2)
        #expect(shelf.tables(at: first) === firstTables)
        let second = shelf.hold()
        #expect(second != first)
        #expect(shelf.tables(at: second) === shelf.tables)
        shelf.release(first)
        #expect(shelf.count == 1)
        shelf.release(second)
        #expect(shelf.count == 1)
        #expect(shelf.tables(at: shelf.current) != nil)
    }
}

struct `A table of links` {
    private func pair(_ table: inout LinkTable) throws -> (link: Int32, peer: ScriptedStream) {
        let listener = try ScriptedListener()
        let peer = try ScriptedStream(to: listener.port)
        let stream = try listener.acceptRaw()
        let address = PeerAddress(TransportAddress(IPAddress(127, 0, 0, 1), listener.port))
        guard let link = table.open(stream, .client, peer: address) else { throw Errno.invalidArgument }
        table.links[link].flags.insert([.mayRead, .mayWrite])
        return (link, peer)
    }

    @Test func `sends what a socket does not take later, in order`() throws {
        var table = try LinkTable(now: 0)
        let (link, peer) = try pair(&table)
        var sent = 0
        var buffer = ByteBuffer(capacity: 0)
        var isPending = false
        while !isPending {
            buffer.removeAll()
            for _ in 0..<100_000 {
                buffer.append(UInt8(truncatingIfNeeded: sent / 1000))
                sent += 1
            }
            if case .pending = table.send(link, buffer.bytes) { isPending = true }
        }
        let (waiting, hasOutput) = (table.pendingBytes, table.hasOutput(link))
        #expect(waiting > 0 && hasOutput)
        var received = 0
        var isRight = true
        while received < sent {
            let bytes = try peer.receive(count: min(50_000, sent - received))
            for byte in bytes {
                isRight = isRight && byte == UInt8(truncatingIfNeeded: received / 1000)
                received += 1
            }
            if table.hasOutput(link) { _ = table.flush(link) }
        }
        #expect(isRight)
        table.close(link)
        let (rest, buffers, links) = (table.pendingBytes, table.buffersInUse, table.links.count)
        #expect([rest, buffers, links] == [0, 0, 0])
    }

    @Test func `events of a link that was closed are nobody's, also when generations begin anew`() throws {
        var table = try LinkTable(now: 0, lastGeneration: .max - 2)
        var tokens: [UInt64] = []
        for _ in 0..<6 {
            let (link, _) = try pair(&table)
            let token = UInt64(UInt32(bitPattern: link)) | UInt64(table.links[link].generation) << 32
            let found = table.link(of: token)
            #expect(found == link)
            // Zero is kept for what is no link.
            #expect(token >> 32 != 0)
            tokens.append(token)
            table.close(link)
        }
        for token in tokens {
            let found = table.link(of: token)
            #expect(found == nil)
        }
        #expect(Set(tokens).count == tokens.count)
    }

    @Test func `what is stowed comes back once`() throws {
        var table = try LinkTable(now: 0)
        let (link, _) = try pair(&table)
        var buffer = ByteBuffer(capacity: 0)
        buffer.append("abc")
        table.stow(link, buffer.bytes)
        table.stow(link, buffer.bytes)
        buffer.removeAll()
        table.unstow(link, into: &buffer)
        table.unstow(link, into: &buffer)
        let text = (0..<buffer.count).map { buffer.bytes[$0] }
        #expect(text == Array("abcabc".utf8))
        let hasInput = table.hasInput(link)
        #expect(!hasInput)
        table.close(link)
    }
}
