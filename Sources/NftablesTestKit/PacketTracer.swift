package import NetworkAddress
internal import Nftables

/// Tells what becomes of packets on a node whose ruleset is in memory, as the kernel would have it.
///
/// A packet meets the base chains of all tables of its family, hook by hook and in the order of their priorities. Chains
/// of type nat see new connections only, and one of them at most translates each end; the others see every packet with
/// the addresses that it has by then.
package struct PacketTracer {
    private let ruleset: InMemoryRuleset
    private let nodeAddresses: Set<IPAddress>

    /// Creates a tracer for a node.
    ///
    /// - Parameters:
    ///   - ruleset: The rules. The tracer follows their changes.
    ///   - nodeAddresses: The addresses that `fib daddr type local` finds, besides those of the loopback interface.
    package init(_ ruleset: InMemoryRuleset, nodeAddresses: Set<IPAddress> = []) {
        self.ruleset = ruleset
        self.nodeAddresses = nodeAddresses
    }

    /// Returns what becomes of a packet when the kernel draws these random numbers.
    package func trace(
        _ packet: Packet,
        _ path: Packet.Path = .received,
        drawing numbers: RandomNumbers = .seeded(1)
    ) -> PacketOutcome {
        var walk = PacketWalk(packet, nodeAddresses: nodeAddresses, numbers: numbers, recordsSteps: true)
        do throws(PacketWalk.NumberWanted) {
            let verdict = try walk.run(path, through: hooks(for: packet))
            return PacketOutcome(
                verdict: verdict,
                mark: walk.mark,
                remembered: walk.remembered,
                forgotten: walk.forgotten,
                steps: walk.steps
            )
        } catch {
            preconditionFailure("the scripted numbers ended before one below \(error.modulus) was drawn")
        }
    }

    /// Returns everything that can become of a packet, each with its probability, over all random numbers.
    ///
    /// The time that it takes grows with the sum of the moduli that are drawn from one after another, and with their
    /// product where rules with random numbers match one after another.
    package func outcomes(of packet: Packet, _ path: Packet.Path = .received) -> [PacketVerdict: Double] {
        explore(packet, path, hooks(for: packet), after: [])
    }

    private func hooks(for packet: Packet) -> [Hook: HookChains] {
        HookChains.all(of: ruleset.tables.values.filter { $0.table.family.addressFamily == packet.source.family })
    }

    private func explore(
        _ packet: Packet,
        _ path: Packet.Path,
        _ hooks: [Hook: HookChains],
        after script: [UInt32]
    ) -> [PacketVerdict: Double] {
        let modulus: UInt32
        switch run(packet, path, hooks, script).result {
        case .success(let verdict): return [verdict: 1]
        case .failure(let wanted): modulus = wanted.modulus
        }
        var outcomes: [PacketVerdict: Double] = [:]
        // Numbers whose rule does not match lead to the same: the next rule. They are explored once for all of them.
        var outcomesOfMiss: [PacketVerdict: Double]?
        for number in 0..<modulus {
            let longer = script + [number]
            var further: [PacketVerdict: Double]
            switch run(packet, path, hooks, longer) {
            case (.success(let verdict), _): further = [verdict: 1]
            case (.failure, let missed) where missed.contains(script.count):
                further = outcomesOfMiss ?? explore(packet, path, hooks, after: longer)
                outcomesOfMiss = further
            case (.failure, _): further = explore(packet, path, hooks, after: longer)
            }
            for (verdict, probability) in further {
                outcomes[verdict, default: 0] += probability / Double(modulus)
            }
        }
        return outcomes
    }

    /// Runs the packet with a script, and tells which of its numbers led to no match.
    private func run(
        _ packet: Packet,
        _ path: Packet.Path,
        _ hooks: [Hook: HookChains],
        _ script: [UInt32]
    ) -> (result: Result<PacketVerdict, PacketWalk.NumberWanted>, missed: Set<Int>) {
        var walk = PacketWalk(packet, nodeAddresses: nodeAddresses, numbers: .scripted(script), recordsSteps: false)
        do throws(PacketWalk.NumberWanted) {
            return (.success(try walk.run(path, through: hooks)), walk.missedDraws)
        } catch {
            return (.failure(error), walk.missedDraws)
        }
    }
}
