import Nftables
import Testing

@Suite struct RulesetErrorTests {
    @Test func `a refusal names the first three parts and counts the rest`() {
        let failures = [
            OperationFailure(operation: 0, element: 7, reason: .exists),
            OperationFailure(operation: 2, reason: .notFound),
            OperationFailure(operation: nil, reason: .noMemory),
            OperationFailure(operation: 4, reason: KernelReason(rawValue: 61)),
            OperationFailure(operation: 5, reason: .busy),
        ]
        #expect(
            RulesetError.refused(failures).description
                == "nftables refused the transaction: operation 0, element 7: it exists already with another value "
                + "(EEXIST); operation 2: no such object (ENOENT); the kernel has no memory for it (ENOMEM); and 2 more"
        )
        #expect(
            RulesetError.refused([failures[3]]).description
                == "nftables refused the transaction: operation 4: error 61"
        )
    }

    @Test func `a lack of rights says what to give the container`() {
        #expect(RulesetError.notPermitted.description.contains("CAP_NET_ADMIN"))
        #expect(RulesetError.notPermitted.description.contains("securityContext.capabilities.add"))
    }

    @Test(
        arguments: [
            KernelReason.notFound, .exists, .busy, .invalid, .outOfRange, .notPermitted, .noMemory, .setFull,
            .tooManyLinks, .unsupported, .noBufferSpace,
        ]
    )
    func `every reason with a name has words and its errno`(_ reason: KernelReason) {
        #expect(reason.description.hasSuffix(")"))
        #expect(reason.description.contains("(E"))
        #expect(!reason.description.hasPrefix("error"))
    }
}
