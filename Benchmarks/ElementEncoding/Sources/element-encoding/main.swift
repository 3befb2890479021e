internal import CElementObjects
@testable internal import NetfilterKernel
internal import NetworkAddress
internal import Nftables

// Q: what does it cost to turn 40,000 endpoints into netlink messages? Baseline: libnftnl's own objects.
//
//     swift run -c release element-encoding [rounds [attributes | libnftnl]]
//
// Time is for people. Instructions are counted for one way alone, and without the start of the program: the difference
// of two runs with another number of rounds (count-instructions.sh).
//
// libnftnl gets what favours it: a loop in C, and keys, data and comments that are packed already. Ours starts from the
// product's values, packs them too, and ends with a whole batch.

private let elementCount = 40_000
private let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 41
private let only = CommandLine.arguments.dropFirst(2).first

private let elements: [Element] = (0..<elementCount).map { number in
    guard let port = Port(80), let targetPort = Port(8080) else { fatalError("these are ports") }
    let service = IPAddress(ipv4: 10 << 24 | 96 << 16 | UInt32(number / 4))
    let endpoint = IPAddress(ipv4: 10 << 24 | 1 << 23 | UInt32(number))
    return Element(
        PackedFields(service, .tcp, port).appending(number: UInt32(number % 4)),
        .fields(PackedFields(TransportAddress(endpoint, targetPort))),
        comment: "default/web-\(number / 4):http"
    )
}

/// The same elements as libnftnl wants them.
private struct PackedElements {
    var keys: [UInt8] = []
    var data: [UInt8] = []
    var comments: [UInt8] = []
    var commentStarts: [UInt32] = [0]

    init(_ elements: [Element]) {
        for element in elements {
            guard case .fields(let destination) = element.value, let comment = element.comment else { continue }
            keys += Self.bytes(element.key)
            data += Self.bytes(destination)
            comments += commentUserdata(comment)
            commentStarts.append(UInt32(comments.count))
        }
    }

    private static func bytes(_ fields: PackedFields) -> [UInt8] {
        (0..<fields.count).flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: fields[word] >> ($0 * 8)) } }
    }

    /// Encodes the elements with libnftnl, and returns the bytes written.
    func encode(into buffer: inout [UInt8]) -> Int {
        // The structure's pointers are used during the call alone, and the counts are those of the arrays.
        unsafe keys.withUnsafeBufferPointer { keys in
            unsafe data.withUnsafeBufferPointer { data in
                unsafe comments.withUnsafeBufferPointer { comments in
                    unsafe commentStarts.withUnsafeBufferPointer { starts in
                        let count = starts.count - 1
                        var packed = unsafe packed_elements(
                            count: count,
                            keys: keys.baseAddress,
                            key_bytes: UInt32(keys.count / count),
                            data: data.baseAddress,
                            data_bytes: UInt32(data.count / count),
                            comments: comments.baseAddress,
                            comment_starts: starts.baseAddress
                        )
                        return unsafe encode_with_libnftnl(&packed, &buffer, buffer.count)
                    }
                }
            }
        }
    }
}

/// The elements in messages, as a listing would tell them: proof that both ways said the same.
private func decoded(_ bytes: UnsafeRawBufferPointer) -> [Element] {
    let set = SetDeclaration(
        "endpoints",
        key: [.address(.ipv4), .transportProtocol, .port, .number],
        content: .fields([.address(.ipv4), .port])
    )
    var elements: [Element] = []
    unsafe Message.forEach(in: bytes) { ListedElements.read($0, of: set, into: &elements) }
    return elements
}

private func median(_ durations: [Duration]) -> Duration { durations.sorted()[durations.count / 2] }

private func microseconds(_ duration: Duration) -> String {
    String(Int(duration / .microseconds(1)))
}

private let transaction = Transaction([.addElements(Table(.ip, "fairlead"), set: "endpoints", elements)])
private let packed = PackedElements(elements)
private var buffer = [UInt8](repeating: 0, count: 16 << 20)
private var attributes: [Duration] = []
private var objects: [Duration] = []
private var encoder = BatchEncoder()
private var objectBytes = 0

for _ in 0..<max(rounds, 1) {
    if only != "libnftnl" {
        let began = ContinuousClock.now
        encoder.encode(transaction, firstSequence: 1, generation: nil)
        attributes.append(.now - began)
    }
    if only != "attributes" {
        let began = ContinuousClock.now
        objectBytes = packed.encode(into: &buffer)
        objects.append(.now - began)
    }
}

if only == nil {
    // Both hold the messages that were written last.
    let bytes = unsafe UnsafeRawBufferPointer(start: encoder.messages.base, count: encoder.messages.count)
    let ours = unsafe decoded(bytes)
    let theirs = unsafe buffer.withUnsafeBytes { unsafe decoded(UnsafeRawBufferPointer(rebasing: $0[..<objectBytes])) }
    guard ours == elements, theirs == elements else {
        fatalError("the two ways do not say the same: \(ours.count) and \(theirs.count) of \(elements.count) elements")
    }
    let ratio = median(objects) / median(attributes)
    print("elements    \(elementCount), rounds \(attributes.count), in turn")
    print("attributes  \(microseconds(median(attributes))) us (median), \(encoder.messages.count) bytes")
    print("libnftnl    \(microseconds(median(objects))) us (median), \(objectBytes) bytes")
    print("ratio       \(Double(Int(ratio * 100)) / 100)")
}
