import LabKit

extension AgentLab {
    /// Makes a table of another program on the node, with a rule, a set and a base chain of its own.
    func makeForeignTable() throws {
        let commands = """
            table inet foreign {
                set friends { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 } }
                chain input {
                    type filter hook input priority 10; policy accept;
                    ip saddr @friends accept comment "not of fairlead"
                }
            }

            """
        try lab.runSuccessfully(["nft", "-f", "-"], in: node, input: commands)
    }

    /// That table as nft prints it, with the handles that change when anything is written again.
    func foreignTable() throws -> String {
        try lab.runSuccessfully(["nft", "-a", "list", "table", "inet", "foreign"], in: node)
    }
}
