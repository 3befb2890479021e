internal import LinuxSystem

// Q: how many instructions does one unit of work take? Baseline: the counts that were committed before.
//
//     guard-rounds list              prints the guards: name, unit, fewer rounds, more rounds, units in a round
//     guard-rounds NAME ROUNDS       does the work of one guard so often
//
// It is run under valgrind (../../run), which counts; the difference of two runs leaves out how the program starts.

private let guards = httpGuards + routeGuards + agentGuards

private func complain(_ text: String) -> Never {
    print("guard-rounds: \(text)")
    exitProcess(2)
}

switch Array(CommandLine.arguments.dropFirst()) {
case ["list"]:
    for item in guards { print(item.name, item.unit, item.rounds.few, item.rounds.many, item.unitsPerRound) }
case let words where words.count == 2:
    guard let item = guards.first(where: { $0.name == words[0] }) else { complain("there is no guard \(words[0])") }
    guard let rounds = Int(words[1]), rounds > 0 else { complain("ROUNDS is a number above 0, not \(words[1])") }
    do {
        let work = try item.prepare()
        for round in 0..<rounds { try work(round) }
    } catch {
        complain("\(item.name): \(error)")
    }
default:
    complain("usage: guard-rounds list | guard-rounds NAME ROUNDS")
}
