/// Certificates and keys that are of no use anywhere else, valid from 2020 to 2119 where nothing else is said.
enum TestCertificates {
    /// CN=Test CA, which vouches for most of the others.
    static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBdjCCARygAwIBAgICEAAwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ
        MA4GA1UEAwwHVGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowITENMAsGA1UECgwEVGVzdDEQMA4GA1UEAwwHVGVzdCBDQTBZMBMGByqGSM49
        AgEGCCqGSM49AwEHA0IABGxYBygeNVaetlWA9QwT7OKhTOPkeTLhaNG5jpOuH2G1
        9naSExrxwGG1P30cWMxcCrZDL2UOo3joAeCfjTJ96TajQjBAMA8GA1UdEwEB/wQF
        MAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBT2H03vPC/DTmOpZYJnv2b8
        YcGQNDAKBggqhkjOPQQDAgNIADBFAiEAn7imOlw7c9L6kMNAbYaWzDnG0CSeY9Sg
        wCD1E+IU5IsCIC8UujvcH7pKXHvHIf4hAlRJrriSNnE7L0oKwaiJOoHl
        -----END CERTIFICATE-----
        """

    /// CN=ignored.test for Good.test, *.wild.test, 10.0.0.1 and fd00::1.
    static let leaf = """
        -----BEGIN CERTIFICATE-----
        MIIBwzCCAWmgAwIBAgICEAEwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ
        MA4GA1UEAwwHVGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowJjEVMBMGA1UEAwwMaWdub3JlZC50ZXN0MQ0wCwYDVQQKDARMZWFmMFkwEwYH
        KoZIzj0CAQYIKoZIzj0DAQcDQgAEZ4CqnkFBvJGGYLu1V1RpYLjBqlt+ZPa2UTkn
        Z1GzcHS7b9P/F3Kc9UWJHtr/s8kxeqvhDEBadSUUNShp7j2rnaOBiTCBhjAJBgNV
        HRMEAjAAMDkGA1UdEQQyMDCCCUdvb2QudGVzdIILKi53aWxkLnRlc3SHBAoAAAGH
        EP0AAAAAAAAAAAAAAAAAAAEwHQYDVR0OBBYEFKHK49o+74a5pL9lZQ8NXRjTqcEk
        MB8GA1UdIwQYMBaAFPYfTe88L8NOY6llgme/ZvxhwZA0MAoGCCqGSM49BAMCA0gA
        MEUCIQDA7VLqD2K1c2ND2PmDuyTMeZ/WHstmUUKre143hgZqsQIgaYNTE7SQAwTM
        DKV2vwYYMf9kiAwqlXuo97jfIxFu4NI=
        -----END CERTIFICATE-----
        """

    /// The key of `leaf` as PKCS#8.
    static let leafKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg7B4BIP+O8AmoBZE4
        Fv+jGRYqORNCfOGf61TLfdI073qhRANCAARngKqeQUG8kYZgu7VXVGlguMGqW35k
        9rZROSdnUbNwdLtv0/8Xcpz1RYke2v+zyTF6q+EMQFp1JRQ1KGnuPaud
        -----END PRIVATE KEY-----
        """

    /// The key of `leaf` in the older format.
    static let leafKeyTraditional = """
        -----BEGIN EC PRIVATE KEY-----
        MHcCAQEEIOweASD/jvAJqAWROBb/oxkWKjkTQnzhn+tUy33SNO96oAoGCCqGSM49
        AwEHoUQDQgAEZ4CqnkFBvJGGYLu1V1RpYLjBqlt+ZPa2UTknZ1GzcHS7b9P/F3Kc
        9UWJHtr/s8kxeqvhDEBadSUUNShp7j2rnQ==
        -----END EC PRIVATE KEY-----
        """

    /// The key of `leaf`, encrypted.
    static let leafKeyEncrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjCiFzOwEfJkwICCAAw
        DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEHIC10b09aKsPtt1H0KQ3gUEgZBm
        6cMbtiVNnANlFTc3Ip3pD72PpdWzIeBzvK84bb/chtRbGRscQR0bBMc76cH0TvTl
        WwHxIP2SrsKPMdurlNWe2sdsVv1R5w3u+MLy3DdIxjCLEBeYMmyMtm8njJ9zWlvp
        4u6yJtsXE5ALdrRfr8+oMK8LLZE1MqrEdluPBplQjc5uHUD5YLTu9ZQo7GmWhds=
        -----END ENCRYPTED PRIVATE KEY-----
        """

    /// The key of `leaf` in the older format, encrypted.
    static let leafKeyEncryptedTraditional = """
        -----BEGIN EC PRIVATE KEY-----
        Proc-Type: 4,ENCRYPTED
        DEK-Info: AES-128-CBC,FD9AD4DC5219885CE4406BDEE21F7D9C

        hokjzMqxOuM28iE3KSUFWBfFF+sG2VjXpR1bRUhzLDgCDTCsPzp0yl0GP4Ck1dsg
        iMuvQS7rjTYMil5cBgYaXe9pRDtZVmQA9E3Yo7a4dPXXBVa5kuCwiQhEZyLmtgdo
        A5gPYSgytlGE9pPggzPPZDpeAIbEW8dcBAjQPfWNgKQ=
        -----END EC PRIVATE KEY-----
        """

    /// For good.test, until the end of 2020.
    static let expired = """
        -----BEGIN CERTIFICATE-----
        MIIBiDCCAS6gAwIBAgICEAQwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ
        MA4GA1UEAwwHVGVzdCBDQTAeFw0yMDAxMDEwMDAwMDBaFw0yMTAxMDEwMDAwMDBa
        MBQxEjAQBgNVBAMMCWdvb2QudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IA
        BFecFzQOouHvpHtgaB0JFE2xX1FLkiqpACtKZuC+VygUsiLYhymcKdRXuYM5/mqH
        H/PrLH4G8y7fc8PrGhv3vM+jYzBhMAkGA1UdEwQCMAAwFAYDVR0RBA0wC4IJZ29v
        ZC50ZXN0MB0GA1UdDgQWBBQkdSBPSCDBNb2dkqlfD0T/vuVGSTAfBgNVHSMEGDAW
        gBT2H03vPC/DTmOpZYJnv2b8YcGQNDAKBggqhkjOPQQDAgNIADBFAiEAhmy+UC5a
        bnW7qy+BRya749J7wdQFWe7GPkLRKQR0HqUCIA6rL0sftPQW9Comw7LCSrCPmiY3
        1xbffyQJdWFEu+7e
        -----END CERTIFICATE-----
        """

    /// The key of `expired`.
    static let expiredKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg/5rCvqo2bWRAYSts
        /cwFj+eQlczvc1Jh3HNCaTtyf6OhRANCAARXnBc0DqLh76R7YGgdCRRNsV9RS5Iq
        qQArSmbgvlcoFLIi2IcpnCnUV7mDOf5qhx/z6yx+BvMu33PD6xob97zP
        -----END PRIVATE KEY-----
        """

    /// CN=bare.test without alternative names.
    static let bare = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCARqgAwIBAgICEAMwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ
        MA4GA1UEAwwHVGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowFDESMBAGA1UEAwwJYmFyZS50ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD
        QgAEsRgf4HpzM/Y9xC/rua5mxYyqTS64hRRO512OJOZEPWeH//0Tnjttb7GTtjp5
        RZSL3Eq918WBrzYLr0KLXpKj7aNNMEswCQYDVR0TBAIwADAdBgNVHQ4EFgQU7Z+g
        acootrKVLSomeop0Jucm+YkwHwYDVR0jBBgwFoAU9h9N7zwvw05jqWWCZ79m/GHB
        kDQwCgYIKoZIzj0EAwIDSAAwRQIhAJmpGt+F9z8fiBepd35hcAfRDRzl71az29i8
        1MRUq3wVAiAXDD8TfcGJ1/mA6U9eYCxSv/hBXktjLLyotUbcS8x/rA==
        -----END CERTIFICATE-----
        """

    /// The key of `bare`.
    static let bareKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4W2tP7YHgqLNm8R+
        ajXQDFtXOgL3pX1FnfI3IsplbRahRANCAASxGB/genMz9j3EL+u5rmbFjKpNLriF
        FE7nXY4k5kQ9Z4f//ROeO21vsZO2OnlFlIvcSr3XxYGvNguvQotekqPt
        -----END PRIVATE KEY-----
        """

    /// CN=alice,O=Clients.
    static let client = """
        -----BEGIN CERTIFICATE-----
        MIIBgjCCASigAwIBAgICEAIwCgYIKoZIzj0EAwIwITENMAsGA1UECgwEVGVzdDEQ
        MA4GA1UEAwwHVGVzdCBDQTAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAw
        MFowIjEOMAwGA1UEAwwFYWxpY2UxEDAOBgNVBAoMB0NsaWVudHMwWTATBgcqhkjO
        PQIBBggqhkjOPQMBBwNCAATmkxOKDV8UWEfoU54aAhD13J5ERloTQda63Va9Jslw
        NaP6R4/N9U3AXZS5OJ7tiZy0/uS6vh98wMWPlNUcxAFEo00wSzAJBgNVHRMEAjAA
        MB0GA1UdDgQWBBSn0C2BJc/ZVcZL+xaPpsZm2TNMBzAfBgNVHSMEGDAWgBT2H03v
        PC/DTmOpZYJnv2b8YcGQNDAKBggqhkjOPQQDAgNIADBFAiEA3hwoFqUo39lLOwuU
        TNm9BxUpIr/pf0pN945MtaiP+cgCIF2dCZRIEy12a0vg66tPpdkCV/lZ5mNRpKsu
        AC36CFFc
        -----END CERTIFICATE-----
        """

    /// The key of `client`.
    static let clientKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFaN5A8z1a5uXNA6H
        3KaMpHvEeS4otC/y4tlb5Ixtp4yhRANCAATmkxOKDV8UWEfoU54aAhD13J5ERloT
        Qda63Va9JslwNaP6R4/N9U3AXZS5OJ7tiZy0/uS6vh98wMWPlNUcxAFE
        -----END PRIVATE KEY-----
        """
}
