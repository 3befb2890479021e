/// Backends by their number, in pieces of which copies share all but the changed ones.
struct BackendTable: Sendable {
    private var chunks: [[Backend?]] = []

    /// The backend of a number, or nil.
    subscript(id: Backend.ID) -> Backend? {
        get {
            let index = Int(id)
            let chunk = index / Self.chunkSize
            guard index >= 0, chunk < chunks.count else { return nil }
            return chunks[chunk][index % Self.chunkSize]
        }
        set {
            precondition(id >= 0, "the number of a backend is negative")
            let index = Int(id)
            while chunks.count <= index / Self.chunkSize {
                if newValue == nil { return }
                chunks.append(Array(repeating: nil, count: Self.chunkSize))
            }
            chunks[index / Self.chunkSize][index % Self.chunkSize] = newValue
        }
    }

    /// All backends, by number.
    var all: [Backend] { chunks.flatMap { $0.compactMap { $0 } } }

    private static let chunkSize = 64
}
