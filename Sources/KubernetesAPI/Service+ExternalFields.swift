internal import NetworkAddress

extension Service {
    /// Reads the external addresses and the source ranges of `spec`.
    ///
    /// An entry with the wrong text keeps its place as nil, so that the positions of the others still hold, and so that
    /// a list of ranges is not mistaken for an absent one.
    mutating func readExternalAddresses(spec: Fields, omissions: inout Omissions) throws(InvalidField) {
        var inSpec: Omissions = []
        externalIPs = try spec.valuesInPlace(
            "externalIPs",
            consequence: "this address is left out",
            omissions: &inSpec
        ) { text throws(InvalidField) in try IPAddress(destinationField: "", text: text) }
        loadBalancerSourceRanges = try spec.valuesInPlace(
            "loadBalancerSourceRanges",
            consequence: "this range lets nobody in",
            omissions: &inSpec
        ) { text throws(InvalidField) in
            // The API server lets spaces around a range pass, and kube-proxy trims them.
            guard let range = IPPrefix(parsing: text.trimmingSpaces) else {
                throw InvalidField("", "\(ObjectValue.quoted(text)) is not an address range")
            }
            return range
        }
        omissions += inSpec.map { $0.within("spec") }
    }

    /// Reads `status.loadBalancer.ingress`.
    mutating func readIngress(status: Fields, omissions: inout Omissions) throws(InvalidField) {
        do throws(InvalidField) {
            let balancer = try status.object("loadBalancer")
            for (index, value) in try balancer.array("ingress").enumerated() {
                do throws(InvalidField) {
                    loadBalancerIngress.append(try LoadBalancerIngress(try Fields(value, path: "")))
                } catch {
                    loadBalancerIngress.append(LoadBalancerIngress(address: nil))
                    let path = "status.loadBalancer.ingress[\(index)]\(error.path.isEmpty ? "" : ".")\(error.path)"
                    omissions.append(InvalidField(path, "\(error.rule); this address is left out"))
                }
            }
        } catch { throw error.path == "loadBalancer" ? error : error.within("loadBalancer") }
    }

    /// Reads `sessionAffinity` with its timeout, which is three hours by default, as the API server has it.
    static func affinitySeconds(_ spec: Fields) throws(InvalidField) -> UInt32? {
        guard try spec.choice("sessionAffinity", of: SessionAffinity.self) == .clientIP else { return nil }
        do throws(InvalidField) {
            let config = try spec.object("sessionAffinityConfig")
            do throws(InvalidField) {
                guard let seconds = try config.object("clientIP").integer("timeoutSeconds") else { return 10_800 }
                guard (1...86_400).contains(seconds) else {
                    throw InvalidField("timeoutSeconds", "\(seconds) is not between 1 and 86400")
                }
                return UInt32(seconds)
            } catch { throw error.path == "clientIP" ? error : error.within("clientIP") }
        } catch {
            throw error.path == "sessionAffinityConfig" ? error : error.within("sessionAffinityConfig")
        }
    }

    private enum SessionAffinity: String, CaseIterable {
        case none = "None"
        case clientIP = "ClientIP"
    }
}

extension Service.LoadBalancerIngress {
    /// Reads one of `status.loadBalancer.ingress`.
    fileprivate init(_ fields: Fields) throws(InvalidField) {
        ipMode = try fields.choice("ipMode", of: IPMode.self) ?? .vip
        hostname = try fields.nonEmptyString("hostname")
        guard let text = try fields.nonEmptyString("ip") else {
            address = nil
            return
        }
        address = try IPAddress(destinationField: "ip", text: text)
    }
}

extension Fields {
    /// Reads the texts of a list; an invalid one is nil and noted with what follows from that.
    fileprivate func valuesInPlace<Value>(
        _ name: String,
        consequence: String,
        omissions: inout Omissions,
        _ read: (String) throws(InvalidField) -> Value
    ) throws(InvalidField) -> [Value?] {
        var values: [Value?] = []
        for (index, element) in try array(name).enumerated() {
            do throws(InvalidField) {
                guard case .string(let text) = element else {
                    throw InvalidField("", "\(element) stands where text is expected")
                }
                values.append(try read(text))
            } catch {
                values.append(nil)
                omissions.append(InvalidField("\(name)[\(index)]", "\(error.rule); \(consequence)"))
            }
        }
        return values
    }
}

extension String {
    /// The text without white space around it.
    fileprivate var trimmingSpaces: Substring {
        let head = drop(while: \.isWhitespace)
        return head.lastIndex { !$0.isWhitespace }.map { head[...$0] } ?? ""
    }
}
