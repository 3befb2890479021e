package import KubernetesAPI

/// How a manifest is written.
package enum ManifestFormat: Sendable {
    case yaml
    case json
}

/// What the text of one manifest holds.
package struct ManifestContents: Sendable {
    /// The objects, and what is to be said about the rest.
    package var decoded = DecodedObjects()

    /// The documents that could not be parsed, so that nobody knows which objects they hold.
    package var syntaxProblems: [ObjectProblem] = []

    /// Creates empty contents.
    package init() {}
}

extension ManifestContents {
    /// Reads the objects in a text.
    ///
    /// - Parameters:
    ///   - bytes: The text of the file.
    ///   - format: How it is written.
    ///   - name: The file, as origins and messages name it.
    ///   - decoder: Knows the kinds that are read.
    package init(of bytes: [UInt8], format: ManifestFormat, name: String, decoder: ObjectDecoder) {
        var collector = DocumentCollector(file: name, decoder: decoder)
        switch format {
        case .yaml: collector.readYAML(bytes)
        case .json: collector.readJSON(bytes)
        }
        self = collector.contents
    }
}

extension DocumentCollector {
    fileprivate mutating func readYAML(_ bytes: [UInt8]) {
        for part in yamlParts(of: bytes) {
            var builder = YAMLTreeBuilder()
            do throws(ManifestSyntaxError) {
                try readYAMLEvents(in: bytes[part.range]) { event, position throws(ManifestSyntaxError) in
                    if event == .documentStart { beginDocument() }
                    switch try builder.receive(event, at: position) {
                    case nil: break
                    case .item(let value, let line, let header):
                        let defects = builder.takeDefects()
                        addItem(value, line: line + part.linesBefore, header: header, defects: defects, above: part)
                    case .document(let value, let line):
                        let defects = builder.takeDefects()
                        endDocument(value, line: line + part.linesBefore, defects: defects, above: part)
                    }
                }
            } catch {
                abandonDocument(error, linesBefore: part.linesBefore)
            }
        }
    }

    private mutating func addItem(
        _ value: ObjectValue,
        line: Int,
        header: ObjectValue,
        defects: [DocumentDefect],
        above part: YAMLPart
    ) {
        addItem(value, line: line, header: header, defects: defects.map { $0.moved(by: part.linesBefore) })
    }

    private mutating func endDocument(
        _ value: ObjectValue,
        line: Int,
        defects: [DocumentDefect],
        above part: YAMLPart
    ) {
        endDocument(value, line: line, defects: defects.map { $0.moved(by: part.linesBefore) })
    }

    fileprivate mutating func readJSON(_ bytes: [UInt8]) {
        var scanner = JSONScanner(bytes)
        var lines = LineCounter(bytes)
        while let document = scanner.next() {
            beginDocument()
            let linesBefore = lines.lines(before: document.range.lowerBound)
            do throws(ManifestSyntaxError) {
                let root = try jsonTree(of: Self.envelope(of: document, in: bytes))
                for item in document.items {
                    let linesBefore = lines.lines(before: item.lowerBound)
                    do throws(ManifestSyntaxError) {
                        let value = try jsonTree(of: bytes[item])
                        addItem(value, line: linesBefore + 1, header: root, defects: [])
                    } catch {
                        abandonItem(error, linesBefore: linesBefore)
                    }
                }
                endDocument(root, line: linesBefore + 1, defects: [])
            } catch {
                abandonDocument(error, linesBefore: linesBefore)
                // After a document that is no object there is no telling where the next one begins.
                guard bytes[document.range.lowerBound] == UInt8(ascii: "{") else { return }
            }
        }
    }

    /// A document without the items of its list, and with as many lines.
    private static func envelope(of document: JSONDocument, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard let array = document.itemsArray else { return bytes[document.range] }
        var envelope = Array(bytes[document.range.lowerBound...array.lowerBound])
        envelope += bytes[array].lazy.filter { $0 == UInt8(ascii: "\n") }
        envelope += bytes[(array.upperBound - 1)..<document.range.upperBound]
        return envelope[...]
    }
}

extension DocumentDefect {
    fileprivate func moved(by lines: Int) -> DocumentDefect { DocumentDefect(line: line + lines, message: message) }
}

/// Counts lines on the way through a text, so that each byte is looked at once.
private struct LineCounter {
    private let bytes: [UInt8]
    private var position = 0
    private var count = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The number of line ends before an offset, which must not be smaller than that of the last call.
    mutating func lines(before offset: Int) -> Int {
        while position < offset {
            if bytes[position] == UInt8(ascii: "\n") { count += 1 }
            position += 1
        }
        return count
    }
}
