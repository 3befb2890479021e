import LabKit

/// What `nft list table` prints of a table, in an order that does not depend on the order of its making.
///
/// Two listings are equal when the tables hold the same chains with the same rules in the same order, and the same
/// sets with the same elements.
struct TableListing: Equatable, CustomStringConvertible {
    /// A front end of the listing: where its chain draws, and what it finds there.
    struct FrontEnd: Equatable {
        /// The number of slots that the chain draws from.
        var size: Int
        /// The endpoints by slot, as nft prints them.
        var endpoints: [Int: String]
    }

    /// The lines of each chain in their order, and of each set in alphabetical order, by their first line.
    private(set) var blocks: [String: [String]] = [:]
    private var elements: [String: [String]] = [:]

    /// Lists a table of ours in a namespace; one that does not exist has no blocks.
    init(_ family: String, in namespace: Lab.Namespace, of lab: Lab) throws {
        let result = try lab.run(["nft", "list", "table", family, "fairlead"], in: namespace)
        self.init(parsing: result.output)
    }

    /// Reads the text that nft prints.
    init(parsing text: String) {
        var header = ""
        var isAmongElements = false
        for line in text.split(separator: "\n").map({ Self.trimmed($0) }) {
            if isAmongElements || line.hasPrefix(Self.elementsStart) {
                let list = line.hasPrefix(Self.elementsStart) ? line.dropFirst(Self.elementsStart.count) : line[...]
                isAmongElements = !list.hasSuffix("}")
                let texts = list.prefix { $0 != "}" }.split(separator: ",").map { Self.trimmed($0) }
                elements[header, default: []] += texts.filter { !$0.isEmpty }
            } else if line.hasSuffix("{") {
                header = line
                blocks[header] = []
            } else if line != "}" {
                blocks[header, default: []].append(line)
            }
        }
        for (header, list) in elements { blocks[header, default: []] += list.sorted() }
    }

    private static let elementsStart = "elements = {"

    var description: String {
        blocks.sorted { $0.key < $1.key }.map { "\($0.key)\n  \($0.value.joined(separator: "\n  "))" }
            .joined(separator: "\n")
    }

    /// The front ends with endpoints, by what clients use: `10.96.0.80 . tcp . 80`, or `tcp . 30080` for a node port.
    var frontEnds: [String: FrontEnd] {
        var frontEnds: [String: FrontEnd] = [:]
        for element in elements(of: "services") + elements(of: "nodeports") {
            // 10.96.0.80 . tcp . 80 comment "default/web:tcp" : goto lb-2
            guard let size = element.split(separator: "-").last.flatMap({ Int($0) }) else { continue }
            frontEnds[Self.key(of: element)] = FrontEnd(size: size, endpoints: [:])
        }
        for element in elements(of: "endpoints") + elements(of: "nodeport-endpoints") {
            // 10.96.0.80 . tcp . 80 . 1 comment "default/web:tcp" : 10.244.1.12 . 9000
            let key = Self.key(of: element)
            let words = key.split(separator: " . ")
            guard let valueStart = element.firstRange(of: "\" : "), let slot = words.last.flatMap({ Int($0) }) else {
                continue
            }
            let tuple = words.dropLast().joined(separator: " . ")
            frontEnds[tuple, default: FrontEnd(size: 0, endpoints: [:])].endpoints[slot] =
                String(element[valueStart.upperBound...])
        }
        return frontEnds
    }

    private func elements(of map: String) -> [String] { elements["map \(map) {"] ?? [] }

    private static func key(of element: String) -> String {
        element.firstRange(of: " comment ").map { String(element[..<$0.lowerBound]) } ?? element
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

extension AgentLab {
    /// Both tables of ours on the node.
    func listings() throws -> [String: TableListing] { try listings(in: node) }

    /// Both tables of ours in a namespace.
    func listings(in namespace: Lab.Namespace) throws -> [String: TableListing] {
        var listings: [String: TableListing] = [:]
        for family in ["ip", "ip6"] { listings[family] = try TableListing(family, in: namespace, of: lab) }
        return listings
    }
}
