/// Things that own something and stay where they are, found by small numbers that are used again.
///
/// Unlike those of a slab, its entries exist only while they are in use.
@safe
struct Pool<Element: ~Copyable>: ~Copyable {
    // `chunkCount` chunks with room for `chunkSize` entries each; an entry is initialised while `isUsed` says so.
    private let chunks: UnsafeMutablePointer<UnsafeMutablePointer<Element>>
    private var chunkCount: Int32 = 0
    private var free: [Int32] = []
    private var isUsed: [Bool] = []

    private static var chunkShift: Int32 { 6 }
    private static var chunkSize: Int { 64 }
    private static var chunksMax: Int32 { 16384 }

    /// How many entries are in use.
    private(set) var count = 0

    init() { unsafe chunks = .allocate(capacity: Int(Self.chunksMax)) }

    deinit {
        for index in 0..<Int(chunkCount) {
            for offset in 0..<Self.chunkSize where isUsed[index * Self.chunkSize + offset] {
                // In use means initialised.
                unsafe (chunks[index] + offset).deinitialize(count: 1)
            }
            unsafe chunks[index].deallocate()
        }
        unsafe chunks.deallocate()
    }

    /// Takes over something, and gives it a number.
    ///
    /// - Precondition: There are fewer than a million.
    mutating func insert(_ element: consuming Element) -> Int32 {
        if free.isEmpty { grow() }
        guard let index = free.popLast() else { fatalError("more than a million entries") }
        isUsed[Int(index)] = true
        count += 1
        // A free entry is not initialised.
        unsafe address(of: index).initialize(to: element)
        return index
    }

    /// Hands over what has a number; the number is free then.
    mutating func remove(_ index: Int32) -> Element {
        precondition(isUsed[Int(index)], "no such entry")
        isUsed[Int(index)] = false
        count -= 1
        free.append(index)
        // It was in use, thus initialised, and is not any more.
        return unsafe address(of: index).move()
    }

    /// Gives back the chunks behind the last entry in use; the lowest numbers are given out first from then on.
    mutating func trim() {
        while chunkCount > 0, !isUsed.suffix(Self.chunkSize).contains(true) {
            chunkCount -= 1
            isUsed.removeLast(Self.chunkSize)
            // None of its entries is in use, so none is initialised.
            unsafe chunks[Int(chunkCount)].deallocate()
        }
        let limit = chunkCount << Self.chunkShift
        free = free.filter { $0 < limit }.sorted(by: >)
    }

    private mutating func grow() {
        guard chunkCount < Self.chunksMax else { return }
        unsafe (chunks + Int(chunkCount)).initialize(to: .allocate(capacity: Self.chunkSize))
        let base = chunkCount << Self.chunkShift
        chunkCount += 1
        isUsed.append(contentsOf: repeatElement(false, count: Self.chunkSize))
        for offset in (0..<Int32(Self.chunkSize)).reversed() { free.append(base + offset) }
    }

    /// An entry in its place.
    subscript(index: Int32) -> Element {
        unsafeAddress {
            precondition(isUsed[Int(index)], "no such entry")
            return unsafe UnsafePointer(address(of: index))
        }
        unsafeMutableAddress {
            precondition(isUsed[Int(index)], "no such entry")
            return unsafe address(of: index)
        }
    }

    private func address(of index: Int32) -> UnsafeMutablePointer<Element> {
        // Numbers are given out below the number of entries in all chunks.
        unsafe chunks[Int(index >> Self.chunkShift)] + Int(index & (Int32(Self.chunkSize) - 1))
    }
}
