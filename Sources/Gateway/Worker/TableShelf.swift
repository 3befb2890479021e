internal import Routing

/// The tables that are in use: the newest, and those that exchanges began with which are still under way.
///
/// An exchange holds on to its tables by a number, so that no reference is counted for each request.
struct TableShelf {
    private struct Place {
        var tables: GatewayTables?
        var users = 0
    }

    private var places: [Place]
    /// The place of the newest tables.
    private(set) var current: Int32 = 0

    init(_ tables: GatewayTables) { places = [Place(tables: tables)] }

    /// The newest tables.
    var tables: GatewayTables {
        guard let tables = places[Int(current)].tables else { preconditionFailure("the newest tables are always kept") }
        return tables
    }

    /// The tables at a place that is in use.
    func tables(at place: Int32) -> GatewayTables? { places[Int(place)].tables }

    /// Makes other tables the newest.
    mutating func adopt(_ tables: GatewayTables) {
        if places[Int(current)].users == 0 {
            places[Int(current)].tables = tables
            return
        }
        if let free = places.firstIndex(where: { $0.tables == nil }) {
            places[free] = Place(tables: tables)
            current = Int32(free)
        } else {
            places.append(Place(tables: tables))
            current = Int32(places.count - 1)
        }
    }

    /// Holds on to the newest tables, and returns their place.
    mutating func hold() -> Int32 {
        places[Int(current)].users += 1
        return current
    }

    /// Lets go of the tables at a place.
    mutating func release(_ place: Int32) {
        places[Int(place)].users -= 1
        if places[Int(place)].users == 0, place != current { places[Int(place)].tables = nil }
    }

    /// How many tables are kept.
    var count: Int { places.count { $0.tables != nil } }
}
