/// Certificates with keys of other types than ECDSA.
extension TestCertificates {
    /// For good.test, vouching for itself.
    static let rsa = """
        -----BEGIN CERTIFICATE-----
        MIIDITCCAgmgAwIBAgIUDi5Rf6knsfNY/cQ45B4am+pdL1swDQYJKoZIhvcNAQEL
        BQAwFDESMBAGA1UEAwwJZ29vZC50ZXN0MCAXDTI2MTEyMTA2MjIyOFoYDzIxMjYx
        MDI4MDYyMjI4WjAUMRIwEAYDVQQDDAlnb29kLnRlc3QwggEiMA0GCSqGSIb3DQEB
        AQUAA4IBDwAwggEKAoIBAQChpzkVrJDUDRmyXhtTbLUdyProaK1dWmcbhMjFDJPl
        jVmPIC8vK2XWX9YCRe5392SfXg5ADobwPYaJLAwQQ+HrrWFmTZfIC190T7/VH66b
        PUi8LDQzUbSB7y3yJn1QIX5UlGWpzoIMXSO6ZNFUs+36sSt8FMhePmuov0HLhlai
        YtmF78siWFcMvY9r7TkPGY+H824Wk8JRxSPYF7YkU9MRkU6ImFb0G82fGTKRtoL5
        HscvaWHJGLhkvDGvvReaAct+pO7ZWWs7Txc/14vEqEG/0BuT6w4NN+bMyxCFSMOw
        tQcYjpbao8gSp3bFf9KRKnmfeX+paUg3TlSE1I3KxuuxAgMBAAGjaTBnMB0GA1Ud
        DgQWBBRVd8+7Fcezac6n8zTK+xRTbxJTkDAfBgNVHSMEGDAWgBRVd8+7Fcezac6n
        8zTK+xRTbxJTkDAPBgNVHRMBAf8EBTADAQH/MBQGA1UdEQQNMAuCCWdvb2QudGVz
        dDANBgkqhkiG9w0BAQsFAAOCAQEAAQV+iIiNWx3aP73dV67KX3YesPEhcU8nnyf5
        LzNe9QwKN1WWkvDsgV4j6ExRZ/hGKMeV+f5x3CaS0XdgSdRgFN06iAMt586XEtnY
        MeXQnICyFD+ugLdpUGpCVKwicJpiG0VJWJx1s1AWVDJOuK1B9rwuTjZwbQEnGST1
        5+hZOKnXDhVJDljR6U13bHKWNReWV6UymjeGpXja9n6UcqpnoLoksnG9UVtWi2DT
        kTcSN/W6psrryQuujAfoTq+zaLjzPI9wgHmhVs12oLtqK/1fnR0nso2PMmW5Ad2V
        yN0OcFjqPj8+gYeRuQbzOSWdpNr8igqqZinq8xxto8jKcUzPyQ==
        -----END CERTIFICATE-----
        """

    /// The key of `rsa`.
    static let rsaKey = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQChpzkVrJDUDRmy
        XhtTbLUdyProaK1dWmcbhMjFDJPljVmPIC8vK2XWX9YCRe5392SfXg5ADobwPYaJ
        LAwQQ+HrrWFmTZfIC190T7/VH66bPUi8LDQzUbSB7y3yJn1QIX5UlGWpzoIMXSO6
        ZNFUs+36sSt8FMhePmuov0HLhlaiYtmF78siWFcMvY9r7TkPGY+H824Wk8JRxSPY
        F7YkU9MRkU6ImFb0G82fGTKRtoL5HscvaWHJGLhkvDGvvReaAct+pO7ZWWs7Txc/
        14vEqEG/0BuT6w4NN+bMyxCFSMOwtQcYjpbao8gSp3bFf9KRKnmfeX+paUg3TlSE
        1I3KxuuxAgMBAAECggEAHaRFdCs6ult1mw6lCZjdJCtKkOvC4GOXlQT18KYEB5tx
        8Ov4ovhc+eCEZFHQ7rgTQCLVz5qqVSqe/Q+x3Zio+FeITONNAe5N8EzAUxL2aDpm
        WDTt1Hw2sn26adTzdQpTOSyl8KtwjtZUWxUqClNc/7NVkzDXZeqhwKVjae/F+owF
        jfoHdg0Z3/kwJeS5iBiI+OWdbIF+ZEeLufeOvSzfgUxkyHFZG12e+GqSbiaoHwCw
        WkK+nMRNWQ6t90ME4NgYy1GJNFzJz6Ydd3uWyPKj3eieSwrR1L/2JQc4s6k9IDOe
        Wf8VHBTOm2X/QnFRFumDcQrOyvqD00E3tu2zMcvuzQKBgQDRqg/Yla6HxEmx+QGl
        qAIBqnNpRhCq7krEgotUxY+6o5qGzKXZH8upBupdDFp2N4yfHF2Pj6PGN1W1TKIJ
        soe9lzlsdZ/FCJEKlwCaisL1tXaWWVDlK/e62ViaaO68G9ySr5z3A99lZ5jVDbPO
        ycU08LbbmEGtvv0zB9EOz40j7QKBgQDFYOR4ZIcWfbaerGRu2IL0pZ2qVCNRCd6X
        Q6BxcChDI0i++Ln1WVabQqrqO6qTk91bsoAOivZ64pnBdQQpXGnICyXx4SPFMesg
        /E1tdni3OrOrUJLS15KwopcXgKl+RqzjuYykVey+ph+UeWpnscKvDR2ITFO7Ft9A
        o/OV6e42VQKBgHJn2sezPY4l5JSxrF1pZNbl3J4YNmYfKzs5hK/YMcqFFX/y0Zi9
        ydLMzDvDzuTtANWdk8wPdC1n6mPIki66dWlVyGbPdEP+na5qoVCy4RlUUIZP7F1w
        9XfGu5teIM8SYPTF0N/VBCSAOBwhovj2jp6Jry36UfRt4BnlbQUo6fotAoGAHh01
        XoT/81eE2Fq3DA5ulIL8NjOWG9QkqPGBdi1Fh1DH1ZM/VAaoZxHZ39jwoomJ2Wa3
        kQB0sLUH/nMrCmB2JzZEOM4/1eNS23qDGbNcoaAML5QggpivYdG8ubJAqeqAkFIL
        +jq93yybXtzTdjSx3mFi4xu6Hq5Tq5oYHQRO+u0CgYATLDvzcGDGILAKfd6AdYn9
        Tp4pn09JZePSW7l6D2079YgIuCiuBzsZy2JPoBE9DzCiMEncC4SeW3hCcIQMgaXT
        eJ5wf5JaTnIMBnH/F6mvjSqANUuHPRrFw/1a3misXFlLKz5v/nldtH9h07q98Woy
        O++YegELYC8LGK6ToSmsSA==
        -----END PRIVATE KEY-----
        """

    /// The key of `rsa` in the older format.
    static let rsaKeyTraditional = """
        -----BEGIN RSA PRIVATE KEY-----
        MIIEogIBAAKCAQEAoac5FayQ1A0Zsl4bU2y1Hcj66GitXVpnG4TIxQyT5Y1ZjyAv
        Lytl1l/WAkXud/dkn14OQA6G8D2GiSwMEEPh661hZk2XyAtfdE+/1R+umz1IvCw0
        M1G0ge8t8iZ9UCF+VJRlqc6CDF0jumTRVLPt+rErfBTIXj5rqL9By4ZWomLZhe/L
        IlhXDL2Pa+05DxmPh/NuFpPCUcUj2Be2JFPTEZFOiJhW9BvNnxkykbaC+R7HL2lh
        yRi4ZLwxr70XmgHLfqTu2VlrO08XP9eLxKhBv9Abk+sODTfmzMsQhUjDsLUHGI6W
        2qPIEqd2xX/SkSp5n3l/qWlIN05UhNSNysbrsQIDAQABAoIBAB2kRXQrOrpbdZsO
        pQmY3SQrSpDrwuBjl5UE9fCmBAebcfDr+KL4XPnghGRR0O64E0Ai1c+aqlUqnv0P
        sd2YqPhXiEzjTQHuTfBMwFMS9mg6Zlg07dR8NrJ9umnU83UKUzkspfCrcI7WVFsV
        KgpTXP+zVZMw12XqocClY2nvxfqMBY36B3YNGd/5MCXkuYgYiPjlnWyBfmRHi7n3
        jr0s34FMZMhxWRtdnvhqkm4mqB8AsFpCvpzETVkOrfdDBODYGMtRiTRcyc+mHXd7
        lsjyo93onksK0dS/9iUHOLOpPSAznln/FRwUzptl/0JxURbpg3EKzsr6g9NBN7bt
        szHL7s0CgYEA0aoP2JWuh8RJsfkBpagCAapzaUYQqu5KxIKLVMWPuqOahsyl2R/L
        qQbqXQxadjeMnxxdj4+jxjdVtUyiCbKHvZc5bHWfxQiRCpcAmorC9bV2lllQ5Sv3
        utlYmmjuvBvckq+c9wPfZWeY1Q2zzsnFNPC225hBrb79MwfRDs+NI+0CgYEAxWDk
        eGSHFn22nqxkbtiC9KWdqlQjUQnel0OgcXAoQyNIvvi59VlWm0Kq6juqk5PdW7KA
        Dor2euKZwXUEKVxpyAsl8eEjxTHrIPxNbXZ4tzqzq1CS0teSsKKXF4Cpfkas47mM
        pFXsvqYflHlqZ7HCrw0diExTuxbfQKPzlenuNlUCgYByZ9rHsz2OJeSUsaxdaWTW
        5dyeGDZmHys7OYSv2DHKhRV/8tGYvcnSzMw7w87k7QDVnZPMD3QtZ+pjyJIuunVp
        Vchmz3RD/p2uaqFQsuEZVFCGT+xdcPV3xrubXiDPEmD0xdDf1QQkgDgcIaL49o6e
        ia8t+lH0beAZ5W0FKOn6LQKBgB4dNV6E//NXhNhatwwObpSC/DYzlhvUJKjxgXYt
        RYdQx9WTP1QGqGcR2d/Y8KKJidlmt5EAdLC1B/5zKwpgdic2RDjOP9XjUtt6gxmz
        XKGgDC+UIIKYr2HRvLmyQKnqgJBSC/o6vd8sm17c03Y0sd5hYuMbuh6uU6uaGB0E
        TvrtAoGAEyw783BgxiCwCn3egHWJ/U6eKZ9PSWXj0lu5eg9tO/WICLgorgc7Gcti
        T6ARPQ8wojBJ3AuEnlt4QnCEDIGl03iecH+SWk5yDAZx/xepr40qgDVLhz0axcP9
        Wt5orFxZSys+b/55XbR/YdO6vfFqMjvvmHoBC2AvCxiuk6EprEg=
        -----END RSA PRIVATE KEY-----
        """

    /// With a key of 1,024 bits.
    static let weak = """
        -----BEGIN CERTIFICATE-----
        MIICBjCCAW+gAwIBAgIUQGViYlX0k2vZkWHfvMqpbebk88YwDQYJKoZIhvcNAQEL
        BQAwFDESMBAGA1UEAwwJd2Vhay50ZXN0MCAXDTI2MTEyMTA2MjIyOFoYDzIxMjYx
        MDI4MDYyMjI4WjAUMRIwEAYDVQQDDAl3ZWFrLnRlc3QwgZ8wDQYJKoZIhvcNAQEB
        BQADgY0AMIGJAoGBAL4n3VWD/gd7wpx3XmGXsEySMV2OCfReWP5Gr7Q0TRwIKJg1
        f4ua2piMMly9ilBL8rODFAl65djachsy0OWyhURRHzCm8yKQxqL1d3RsA+GUVdPz
        cYpkS0lXB/eYu40xqfFCq5t3fYWzPLwUR8AVBMBRdxN1/ITUclasmKH3AqsHAgMB
        AAGjUzBRMB0GA1UdDgQWBBSynXRw1q2Az3A+4SznTK+9+OWsLTAfBgNVHSMEGDAW
        gBSynXRw1q2Az3A+4SznTK+9+OWsLTAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3
        DQEBCwUAA4GBAEx0OgsFKsFbNQhWOCCTJNlkacdEAODnAZxs6XSZ6IFuXH2XErbL
        lXEsVzLHSDtQfI0tI6ljWHqz1BIHw+1p+vtJCyChwNVKi4jaOnxPuNJkE8My/N0z
        UBK0QRxzi6GB+WSpNlJvmUjgpN4GvufwaGpzgDMGDhP5TxBehMAx54Gz
        -----END CERTIFICATE-----
        """

    /// The key of `weak`.
    static let weakKey = """
        -----BEGIN PRIVATE KEY-----
        MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAL4n3VWD/gd7wpx3
        XmGXsEySMV2OCfReWP5Gr7Q0TRwIKJg1f4ua2piMMly9ilBL8rODFAl65djachsy
        0OWyhURRHzCm8yKQxqL1d3RsA+GUVdPzcYpkS0lXB/eYu40xqfFCq5t3fYWzPLwU
        R8AVBMBRdxN1/ITUclasmKH3AqsHAgMBAAECgYEAqH+4sGNSwZzYGT/pQT9h+Kf+
        2HDZv1GvODq4zU0fGvzbw+x8BeAFXfG1WtqV6osyGAHJypC9hYgkXpeL5k5nqVTe
        KZSoZmwrX9zriiDbsIegVdXD5LojLDwCIcSI+hjIb+7z54Yn0VVbVxNeI/0e6CWb
        dPeUjURBM0J57Tx6lckCQQD5lWlkpyt9D2fAZU4hSY1NBwb726Gr+T+dgQuvEW1b
        1cbemN1QQrCyxes2sU9XfwzlnhezyPBN5TVKBpJAOZjLAkEAwwtWz1Ir7ep7PFsf
        mlQNQ8XjKYX7++CTspP5r4H4paPQE9XGUAkR0lQxDgUkoFy4e+0b49+wAwidxh8B
        6PX7NQJBAKFdXJrbCl79CtN1rCIRb+4RUQ6dXdXWfK7UtD0oQ1BQ0xcwNkaiF6Q+
        GmluEiI73pbGtARlMhjqzJ1jykMD+ikCQQCRjUW0I4Mq4gAjU3ErDyxy9hsGorkg
        B0DRVEJRajGvEqc2FiMPGSWWi0OsTcQ+c9MskA5vKD/Gk8iB0CPxwJc9AkEA0LUn
        I8IEy7WUJFMVo+iohlJ5lN8IKSugbxQfIZ4mcXhgcvjpjrVHQesC0e76fMGGXN1+
        7vfTuC9RYKgFS7RAog==
        -----END PRIVATE KEY-----
        """

    /// For ed.test, vouching for itself.
    static let ed25519 = """
        -----BEGIN CERTIFICATE-----
        MIIBTzCCAQGgAwIBAgIUYM+Cszqzgxj5W8QFHRvB/k4ZVfUwBQYDK2VwMBIxEDAO
        BgNVBAMMB2VkLnRlc3QwIBcNMjYxMTIxMDYyMjI4WhgPMjEyNjEwMjgwNjIyMjha
        MBIxEDAOBgNVBAMMB2VkLnRlc3QwKjAFBgMrZXADIQBEO1DnEq8O9e8MTIWTNTST
        kw8d0jGIdeNO3cf9Rtd9p6NnMGUwHQYDVR0OBBYEFAsrUamnOdzUv+8usicAJAKB
        G0NbMB8GA1UdIwQYMBaAFAsrUamnOdzUv+8usicAJAKBG0NbMA8GA1UdEwEB/wQF
        MAMBAf8wEgYDVR0RBAswCYIHZWQudGVzdDAFBgMrZXADQQAJU/O7F5JBOQLwzud3
        sLBXQseLa2uEyP53/9NqdyNIL7W9p4Jl9BBVL4f5atKVk5lUJ2A8Wsx+NF2e8wSH
        i5AE
        -----END CERTIFICATE-----
        """

    /// The key of `ed25519`.
    static let ed25519Key = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIDhmudv7bRBF69AWhlSIxTcS3MLtlQIYsIeU4+qSqRN5
        -----END PRIVATE KEY-----
        """
}
