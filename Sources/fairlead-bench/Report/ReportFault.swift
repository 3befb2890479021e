/// Something that keeps a report from being written.
struct ReportFault: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
