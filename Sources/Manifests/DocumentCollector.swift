internal import KubernetesAPI

/// Gathers the objects of a file from its documents, and from the items of those that are lists.
///
/// ```
/// beginDocument ─► addItem* ─► endDocument
///                          └─► abandonDocument
/// ```
struct DocumentCollector {
    /// What the documents that have ended hold.
    private(set) var contents = ManifestContents()

    private let file: String
    private let decoder: ObjectDecoder
    private var documents = 0
    private var isWithinDocument = false
    private var items = 0
    private var fromItems = DecodedObjects()
    private var itemsWithoutType: [Item] = []
    private var itemProblems: [ObjectProblem] = []

    private struct Item {
        let value: ObjectValue
        let origin: String
        let defects: [DocumentDefect]
    }

    /// Creates a collector for a file that has not been read yet.
    init(file: String, decoder: ObjectDecoder) {
        self.file = file
        self.decoder = decoder
    }

    /// Begins the next document.
    mutating func beginDocument() {
        documents += 1
        isWithinDocument = true
        items = 0
        fromItems = DecodedObjects()
        itemsWithoutType = []
        itemProblems = []
    }

    /// Takes an element of the member `items` of the document.
    ///
    /// `header` is as much of the document's root as is known.
    mutating func addItem(_ value: ObjectValue, line: Int, header: ObjectValue, defects: [DocumentDefect]) {
        items += 1
        let item = Item(value: value, origin: "\(place) item \(items) (line \(line))", defects: defects)
        // kubectl prints `kind: List` after the items, but then each item names its type.
        if value["kind"] != nil, value["apiVersion"] != nil {
            Self.decode(item, with: decoder, inherited: nil, into: &fromItems)
        } else if let type = ObjectDecoder.listItemType(of: header) {
            Self.decode(item, with: decoder, inherited: type.type, into: &fromItems)
        } else {
            itemsWithoutType.append(item)
        }
    }

    /// Notes an element of `items` that cannot be parsed.
    mutating func abandonItem(_ error: ManifestSyntaxError, linesBefore: Int) {
        items += 1
        itemProblems.append(problem(error, origin: "\(place) item \(items)", linesBefore: linesBefore, what: "item"))
    }

    /// Ends the document.
    ///
    /// `root` is the document; the items that were added need not be in it.
    mutating func endDocument(_ root: ObjectValue, line: Int, defects: [DocumentDefect]) {
        isWithinDocument = false
        let document = Item(value: root, origin: "\(place) (line \(line))", defects: defects)
        if items > 0, let type = ObjectDecoder.listItemType(of: root), defects.isEmpty {
            for item in itemsWithoutType { Self.decode(item, with: decoder, inherited: type.type, into: &fromItems) }
            contents.decoded.append(fromItems)
        } else {
            Self.decode(document, with: decoder, inherited: nil, into: &contents.decoded)
        }
        contents.syntaxProblems += itemProblems
    }

    /// Gives the document up, or the next one if none has begun, because it cannot be parsed.
    mutating func abandonDocument(_ error: ManifestSyntaxError, linesBefore: Int) {
        if !isWithinDocument { beginDocument() }
        isWithinDocument = false
        contents.syntaxProblems.append(
            problem(error, origin: place, linesBefore: linesBefore, what: "document")
        )
    }

    private var place: String { "\(file) document \(documents)" }

    private func problem(
        _ error: ManifestSyntaxError,
        origin: String,
        linesBefore: Int,
        what: String
    ) -> ObjectProblem {
        var error = error
        error.line += linesBefore
        return ObjectProblem(origin: origin, message: "\(error); the \(what) is left out")
    }

    /// Decodes an item or a document with a decoder; no method, since a copy of the collector would copy its objects.
    private static func decode(
        _ item: Item,
        with decoder: ObjectDecoder,
        inherited: ObjectType?,
        into result: inout DecodedObjects
    ) {
        guard let defect = item.defects.first else {
            decoder.decode(item.value, origin: item.origin, inherited: inherited, into: &result)
            return
        }
        // Which of two values was meant, nobody knows. The object is decoded only to know which one is left out.
        var aside = DecodedObjects()
        decoder.decode(item.value, origin: item.origin, inherited: inherited, into: &aside)
        let references = aside.objects.map(\.reference) + aside.leftOut
        result.leftOut += references
        result.problems.append(
            ObjectProblem(
                origin: item.origin,
                object: references.first?.description,
                message: "line \(defect.line): \(defect.message); the document is left out"
            )
        )
    }
}
