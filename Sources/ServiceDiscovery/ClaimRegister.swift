internal import NetworkAddress
internal import ServiceModel

/// Something that only one Service can have.
enum ClaimedResource: Hashable, Sendable {
    /// A cluster IP with all of its ports: Kubernetes gives an address to one Service only.
    case clusterIP(IPAddress)
    /// A port of one address, or a port of the node.
    case frontEnd(FrontEndKey)
}

/// A Service's wish to have a resource; the smaller of two claims wins.
struct Claim: Hashable, Comparable, Sendable {
    /// What the Service bases the claim on.
    enum Basis: UInt8, Sendable {
        /// The resource is at the Service's cluster IP, which Kubernetes gave to it.
        case clusterIP
        /// The Service names the resource itself.
        case ownWord
    }

    /// Who claims, and since when; all claims of a Service share it, as there are several for each.
    private final class Claimant: Sendable {
        let service: ObjectName
        let creationTimestamp: String?

        init(service: ObjectName, creationTimestamp: String?) {
            self.service = service
            self.creationTimestamp = creationTimestamp
        }
    }

    private let claimant: Claimant
    /// What the Service bases the claim on.
    private(set) var basis = Basis.ownWord

    /// Creates the claim of a Service on what it names itself.
    init(service: ObjectName, creationTimestamp: String?) {
        claimant = Claimant(service: service, creationTimestamp: creationTimestamp)
    }

    /// The Service that claims.
    var service: ObjectName { claimant.service }

    /// When the Service was made, if that is known.
    var creationTimestamp: String? { claimant.creationTimestamp }

    static func == (left: Claim, right: Claim) -> Bool {
        left.basis == right.basis
            && (left.claimant === right.claimant
                || left.service == right.service && left.creationTimestamp == right.creationTimestamp)
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(service)
        hasher.combine(creationTimestamp)
        hasher.combine(basis)
    }

    /// The same claim on another basis.
    func settingBasis(to basis: Basis) -> Claim {
        var claim = self
        claim.basis = basis
        return claim
    }

    /// Puts a cluster IP first, then the older Service, one of known age before one of unknown age, then goes by name.
    ///
    /// Anybody can write an external IP, so that it must not take the traffic of another Service's cluster IP. Age comes
    /// next because the older one has clients; a newcomer must not take their address.
    static func < (left: Claim, right: Claim) -> Bool {
        if left.basis != right.basis { return left.basis.rawValue < right.basis.rawValue }
        return switch (left.creationTimestamp, right.creationTimestamp) {
        case (let leftTime?, let rightTime?) where leftTime != rightTime: leftTime < rightTime
        case (.some, nil): true
        case (nil, .some): false
        default: left.service < right.service
        }
    }
}

/// Who has each address and each port of one, and who would like to.
///
/// Claims are added and removed one by one; `settle` then names the Services whose fortune has turned. The work is
/// proportional to the changes: all claims on a resource are looked at only when its winner goes or changes.
struct ClaimRegister: Sendable {
    /// The best claim on each resource; a contested one has none between its winner's leaving and `settle`.
    private var winners: [ClaimedResource: Claim] = [:]
    /// All claims on each resource that has more than one.
    private var contests: [ClaimedResource: Set<Claim>] = [:]
    /// The contested resources with changed claims, with the winner that the claimants know of.
    private var unsettled: [ClaimedResource: Claim?] = [:]

    /// Adds a claim.
    mutating func add(_ claim: Claim, on resource: ClaimedResource) {
        if contests[resource] != nil {
            noteUnsettled(resource)
            contests[resource]?.insert(claim)
            if let winner = winners[resource], claim < winner { winners[resource] = claim }
        } else if let winner = winners[resource] {
            noteUnsettled(resource)
            contests[resource] = [winner, claim]
            winners[resource] = min(winner, claim)
        } else {
            winners[resource] = claim
        }
    }

    /// Removes a claim that was added.
    mutating func remove(_ claim: Claim, on resource: ClaimedResource) {
        guard contests[resource] != nil else {
            winners[resource] = nil
            return
        }
        noteUnsettled(resource)
        contests[resource]?.remove(claim)
        if winners[resource] == claim { winners[resource] = nil }
    }

    /// Decides what is open; returns the Services that see another winner than before.
    ///
    /// A Service whose own claim came or went may be missing: whoever changed it knows.
    mutating func settle() -> [ObjectName] {
        var affected: [ObjectName] = []
        for (resource, formerWinner) in unsettled {
            guard let claims = contests[resource] else { continue }
            let winner = winners[resource] ?? claims.min()
            winners[resource] = winner
            if claims.count < 2 { contests[resource] = nil }
            if winner != formerWinner { affected += claims.map(\.service) }
        }
        unsettled.removeAll()
        return affected
    }

    /// The claim that has a resource; call `settle` first.
    func winner(of resource: ClaimedResource) -> Claim? { winners[resource] }

    private mutating func noteUnsettled(_ resource: ClaimedResource) {
        guard !unsettled.keys.contains(resource) else { return }
        unsettled.updateValue(winners[resource], forKey: resource)
    }
}
