/// Things that stay where they are, found by small numbers that are used again.
///
/// Memory is taken in chunks and never moved, so that a reference by number costs no retain and no search; only chunks
/// behind the last entry in use are given back, and only when asked. Every entry of a chunk is initialised at all times.
@safe
struct Slab<Element: BitwiseCopyable>: ~Copyable {
    // `chunkCount` chunks of `chunkSize` initialised entries each, freed in deinit.
    private let chunks: UnsafeMutablePointer<UnsafeMutablePointer<Element>>
    private var chunkCount: Int32 = 0
    private var free: [Int32] = []
    /// How many entries of each chunk are in use.
    private var used: [Int32] = []
    private let blank: Element

    private static var chunkShift: Int32 { 8 }
    private static var chunkSize: Int { 256 }
    private static var chunksMax: Int32 { 8192 }

    /// How many entries are in use.
    private(set) var count = 0

    /// Creates an empty slab.
    ///
    /// - Parameter blank: What an entry holds that is not in use.
    init(blank: Element) {
        self.blank = blank
        unsafe chunks = .allocate(capacity: Int(Self.chunksMax))
    }

    deinit {
        for index in 0..<Int(chunkCount) { unsafe chunks[index].deallocate() }
        unsafe chunks.deallocate()
    }

    /// More than the highest number in use.
    var limit: Int32 { chunkCount << Self.chunkShift }

    /// The number of an entry that is blank and in use from now on; nil when there are as many as there can be.
    mutating func insert() -> Int32? {
        if free.isEmpty { grow() }
        guard let index = free.popLast() else { return nil }
        count += 1
        used[Int(index >> Self.chunkShift)] += 1
        return index
    }

    /// Makes an entry blank, for others to use.
    mutating func remove(_ index: Int32) {
        self[index] = blank
        count -= 1
        used[Int(index >> Self.chunkShift)] -= 1
        free.append(index)
    }

    /// Gives back the chunks behind the last entry in use; the lowest numbers are given out first from then on.
    ///
    /// Numbers of entries that are not in use must not be looked up afterwards without a look at `limit`.
    mutating func trim() {
        while chunkCount > 0, used[Int(chunkCount) - 1] == 0 {
            chunkCount -= 1
            used.removeLast()
            // Its entries are trivial, and none is in use.
            unsafe chunks[Int(chunkCount)].deallocate()
        }
        let limit = limit
        free = free.filter { $0 < limit }.sorted(by: >)
    }

    private mutating func grow() {
        guard chunkCount < Self.chunksMax else { return }
        // The table has room for chunksMax chunks, and each chunk for chunkSize entries.
        let chunk = UnsafeMutablePointer<Element>.allocate(capacity: Self.chunkSize)
        unsafe chunk.initialize(repeating: blank, count: Self.chunkSize)
        unsafe (chunks + Int(chunkCount)).initialize(to: chunk)
        let base = chunkCount << Self.chunkShift
        chunkCount += 1
        used.append(0)
        for offset in (0..<Int32(Self.chunkSize)).reversed() { free.append(base + offset) }
    }

    /// An entry in its place.
    subscript(index: Int32) -> Element {
        unsafeAddress { unsafe UnsafePointer(address(of: index)) }
        unsafeMutableAddress { unsafe address(of: index) }
    }

    @inline(__always)
    private func address(of index: Int32) -> UnsafeMutablePointer<Element> {
        precondition(index >= 0 && index >> Self.chunkShift < chunkCount, "no such entry")
        // The chunk is one of those that were made, and the rest of the index is below its size.
        return unsafe chunks[Int(index >> Self.chunkShift)] + Int(index & (Int32(Self.chunkSize) - 1))
    }
}
