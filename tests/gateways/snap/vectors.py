"""Vectors of SNAP BI: computed (S) and published (P) ones (gateways.md 8.3)."""

# A key pair was made for these and thrown away; in turn it plays ours and theirs.
PUBLIC_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu6XdKLTa5Uf6Sv/3SUJYqxLaoTXpvHi/OeaKatClqH9L"
    "Hm6+GdT1D0hlt67BD56JfmnFX7vgR7lfOseubBlaShI22ymcgfxXckotyHvxtv3ufAosf3Rpnp9aO1S3ZXWys3ke"
    "cYeppvtDe46zQxGLl205tu+QN3TOXO9YVnAEunF15I1+pe47YcePYAzq8NpeWsyKjt9mX4xPMb9CWFNFeNWvTHO4"
    "lC6WLNMLiXQgj2VjKqpPZOAneI0PSx2ppdKTzWHSN7bb8bbXyQyQ9dDzstzvxjTnvA9ailuKvZIg/Jqj4M7kEUx5"
    "IK68urrZIYcode4azYqaBfaEGMWspx0ikwIDAQAB"
)

# Midtrans prints its private half with a sample of its own.
PUBLISHED_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAlWbtlh3eM+bW3n5AFj42wddC4L7tQqbLiCFbTv8K67yn"
    "g9iwK5mEn+UMXiRhvB2JVWFafCPPxFamsiVG3MjneGjC0BYgmpmw4qXnAnyO3nCdCuPtmZ3ljhKvSTPdWZxrcLi1"
    "Xa9V/+Pzb8hrjb5iwMn6SZFNeMmZYgFKiSeueo6TPln2PoTqXCzs1HtsM8eUVe8GAsjJe/3dYl992nyXOpG21GgN"
    "u8o5T3WOptPg6GdDTWkTWUu483yRbVVy04Pz4L8DDZTDv+WcsAViDn1rA/jB1Auj/UGKx2ovGcBH/a/hor5TbABb"
    "ODU6cPTHT54K3sSZtvZNV4eFDB1f/4wdfwIDAQAB"
)

# token request
S1_STRING = "TESTCLIENT-JAMBI-0001|2026-02-14T08:15:30+07:00"
S1_RSA = (
    "rgiZnS+lgXnsoYt6n3ocIq9U20nArTO0OnpAWEkIIbrolkya9FWf3qj+zDhpkrxgaaxdc5nC4XTepDA5"
    "nDMvBwVSJ0jRcy+tyuXbalcOZGfeLWBMEUv897Wnz+lj9U/chmaZYXRahhN8vTaL4LkRhapHI5LCiuDe"
    "dILczvWE4cjY0y/QADZ/ShRn3FJSdaMLMVh0DaNUGzu4097wJ4aUqCGDeMIh1CMf/ftqu/7W6mV8F98K"
    "BhMOBhEl3X/2GfesK16u+Iy+IGXWs1l+xIEcwOB+vZcJz5U0rdohMRhSbt0155ZRfzuWBlWF/1oRXzY1"
    "QX1eze33FLhidmqTRtVblA=="
)

# token request, millisecond timestamp
S2_STRING = "TESTCLIENT-JAMBI-0001|2026-02-14T08:15:30.123+07:00"
S2_RSA = (
    "or4rarWq0CScDCizrkfFcZoh970uxaeWgRuLDEzN+4jGOHehRxnIVuCTUTfuUuEaGN1ett/8/nOpn1uf"
    "Sg9MNrj0Uu5Dr9lBdi+SSFpK9j2taZLLlUYvZSxWmRIe8wEzxy3SkkH3QNsa25x58gN+4t+pQ73na+f4"
    "7HmAm7bQ4VZ3ijHjrHK8O79fPH7BFUUVPxYgThI/7xPJqCwB22BpavVYahfar7R3drfNNz6/W+baTSjH"
    "ycxy9UbCBAXD6pd6Gu7eRQc8kW52A5O5hyhA7aGtmXrU13sRQ5xdk9CTyyTL45Kq3DRvyN39y/le07MT"
    "MlvCyaLb1F5R6mk3RWPQZA=="
)

# generate (symmetric)
S3_BODY = (
    '{"partnerReferenceNo":"PKR20260214000123","amount":{"value":"2000.00","currency"'
    ':"IDR"},"merchantId":"00007100010926","terminalId":"JBI001","validityPeriod":"20'
    '26-02-14T08:30:30+07:00"}'
)
S3_SHA256 = "89d1204922f11cb0a487ae3e85100fdd5d8098ba059ccceedcdae26d9165735f"
S3_STRING = (
    "POST:/v1.0/qr/qr-mpm-generate:TESTTOKEN.abc123:89d1204922f11cb0a487ae3e85100fdd5"
    "d8098ba059ccceedcdae26d9165735f:2026-02-14T08:15:31+07:00"
)
S3_BASE64 = (
    "PSIv3Di8fsy7MLEUtVMTDt/dNYb0o6SxJZtJfoyciCFBVx8LwszbxXcmGSuQ7aPOZIxU8Ep0to5hMhkIn7uYaw=="
)
S3_HEX = (
    "3d222fdc38bc7eccbb30b114b553130edfdd3586f4a3a4b1259b497e8c9c882141571f0bc2ccdbc5"
    "7726192b90eda3ce648c54f04a74b68e613219089fbb986b"
)

# query (symmetric)
S4_BODY = (
    '{"originalPartnerReferenceNo":"PKR20260214000123","serviceCode":"47","merchantId'
    '":"00007100010926"}'
)
S4_SHA256 = "81f660681309f878125901b50c542bf445bc82446c703616543d1ffd47cb9e6e"
S4_STRING = (
    "POST:/v1.0/qr/qr-mpm-query:TESTTOKEN.abc123:81f660681309f878125901b50c542bf445bc"
    "82446c703616543d1ffd47cb9e6e:2026-02-14T08:20:00+07:00"
)
S4_BASE64 = (
    "t51svawnTF45r9Fjx/0KOp/xP2bEz1oeT33KZ2AXx3EuVoEbvFIclEDxxaImoj8y2C/T9siaIYJcG1HUWH1Rxg=="
)
S4_HEX = (
    "b79d6cbdac274c5e39afd163c7fd0a3a9ff13f66c4cf5a1e4f7dca676017c7712e56811bbc521c94"
    "40f1c5a226a23f32d82fd3f6c89a21825c1b51d4587d51c6"
)

# empty body + query string (the path is invented)
S5_STRING = (
    "GET:/v1.0/qr/status?merchantId=00007100010926&page=0:TESTTOKEN.abc123:e3b0c44298"
    "fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:2026-02-14T08:20:00+07:00"
)
S5_BASE64 = (
    "EJGwWtM25nBP8e4+Eqsh1w4CTllyC3UA61OSWaVcDzhS+B034+R4kDb9VQns/isfHtWaqGPbK1+Hyo/SlTT8jw=="
)
S5_HEX = (
    "1091b05ad336e6704ff1ee3e12ab21d70e024e59720b7500eb539259a55c0f3852f81d37e3e47890"
    "36fd5509ecfe2b1f1ed59aa863db2b5f87ca8fd29534fc8f"
)

# notify variant A, path of the specification
S6_BODY = (
    '{"originalReferenceNo":"REF0000000000000001","originalPartnerReferenceNo":"PKR20'
    '260214000123","latestTransactionStatus":"00","transactionStatusDesc":"SUCCESS","'
    'amount":{"value":"2000.00","currency":"IDR"},"additionalInfo":{"issuer":"TEST BA'
    'NK"}}'
)
S6_SHA256 = "1eb6f48c3fe4cb4e86c74f420c124e7df8d102f2bc065e649be968aa0d42a47f"
S6_STRING = (
    "POST:/v1.0/qr/qr-mpm-notify:1eb6f48c3fe4cb4e86c74f420c124e7df8d102f2bc065e649be9"
    "68aa0d42a47f:2026-02-14T08:16:02+07:00"
)
S6_RSA = (
    "ZNMWEev8DT/BB8+J6bJQ+yBvix4bByat9jd9DBDEvaIm2MZz33G0y0O3Mka+aDOk/mswsTLmBethjgq8"
    "7uH1wLOY5kmL6KvSLj4BO4LXyx4Xo3r1viFA6rX8J6/ZYaOHFa8OY2bFPEZOE3HJ4TnODMtjwakd5Upp"
    "dKHzkxpSCgbjUcmtQqDlkuL4MSVW+REiwjbdF5d9XRir2cik0cr/NSgn1XLzGBr2vC8s0c1a9FtUDDQq"
    "eLkyibS2Ol/I0jSHEZSe/4qJ0sdY3BgqSTAOnDL/G3YwNjY3ar3fpaQ8YUhdvPXmkZ2JF3AqQhWdJlFr"
    "WrJTSq9sdL8F+5wgP3TqDA=="
)

# notify variant A, same body, signed over the registered callback path
S7_STRING = (
    "POST:/callbacks/snap/bankx/v1.0/qr/qr-mpm-notify:1eb6f48c3fe4cb4e86c74f420c124e7"
    "df8d102f2bc065e649be968aa0d42a47f:2026-02-14T08:16:02+07:00"
)
S7_RSA = (
    "c3OFXDj+UVaqzAkRAgguxHLbfxAfFY5uvWzSA48rhodl4fiOcaOY+b+E0yECkduOhCSRLHIuSoGbydZ4"
    "l6fZKHUde523tOGHmUhu5tBT0X/wt/qaksug0YlavkkcR0byLoEK5Q+b+wghjLjpMbDyDxQPdv3FR/zN"
    "t2Pp8qSTk+3FiOTWVGf3lgWH53Q9kGOaVW6/YAxHhrWKrGOMhCrWsEng3Jwa2vE8Yydq1/XiN45kig8F"
    "s8gAKtcgndeskRjv6HH39JrpLm4APabEwfgAniXO0hk3r/fiXE2SWLnXaOA4y/yhyaN9bsNcQCQypGED"
    "XA+0D8CFrPfApRaeK7s4Vg=="
)

# notify variant B, same body, token issued by us = MERCHANT-ISSUED-TOKEN-1
S8_STRING = (
    "POST:/v1.0/qr/qr-mpm-notify:MERCHANT-ISSUED-TOKEN-1:1eb6f48c3fe4cb4e86c74f420c12"
    "4e7df8d102f2bc065e649be968aa0d42a47f:2026-02-14T08:16:02+07:00"
)
S8_BASE64 = (
    "l2qSzfGDPC/B5KKBDXyllOuyG3I8GZtRxBCK6vxpuOnveVMmSHMdqBGv2qi2E6L+ZS4vHwlr4oS5YwDKk43c9A=="
)
S8_HEX = (
    "976a92cdf1833c2fc1e4a2810d7ca594ebb21b723c199b51c4108aeafc69b8e9ef79532648731da8"
    "11afdaa8b613a2fe652e2f1f096be284b96300ca938ddcf4"
)

# notify variant C (BRI style); valid for ANY body
S9_STRING = "TESTCLIENT-JAMBI-0001|2026-02-14T08:16:02.000+07:00"
S9_RSA = (
    "nwsXUXqKwdi3NSOvV/3YouK4CIgcgMrTUpijBkBK0rhvzL9mUFPJTbVHn63jpft/0vCcqkBbHgZ/Esx9"
    "8VBCQcKi1DScPEX6kwcfzESdrb9xT2EpzGkqVj+VFYcogO2tI8ERIs9q1IdhZTmZ10lznN5B7EVAlMkv"
    "fgUjEcrAK9VQf7VuT5BaI9m6Zx89pxDE03h2URfYjFZ/gc1u9rDxg+s7pL4Qt3SP3R+5JQGzENWWM7y6"
    "OM53owTnWwIKv7Ilj1FpcQ2vQGIuWzugI8gtvaWMwcQfaBsvQ43X3rWpLAH7TX0OoVhe7XKqBDub90N7"
    "Hj39E7IBckeLrDAVC6XHEA=="
)

# A token request of Midtrans
P1_RSA = (
    "iv5YorKVVFOFS59l0HChDvPe+HeoE/jY5CfVgCg5i16nj5/DVnKg49ilkv8PyeU7y38apHhgO+cUrvkf"
    "Us5BhDD69yLn7xp8hzN9RcR0UDy5+nCrQ3GGCVSzZJvlEXN+TB0j4Q6pMsjrq4+YRoyDa4mTlsjJTU9a"
    "GjLRFBYgY4MyMQ5x11JyLnoFwbS8TJ5e/q4mUozrp49VyHe7OQSFnJNwvMSFrDyAIxoOK0IZQIlY29Pa"
    "DIFcWoR+RJAY42H2FryjJcPpNfeercbkj9jsBLV3wmEKiNoN6lgFFLk5QicDnAAQzL45s92EYeCqDNuT"
    "TJOydaJbUqEo1d/ZPVNBtQ=="
)

# A symmetric call of Midtrans
P2_STRING = (
    "POST:/v1.0/debit/payment-host-to-host:gp9HjjEj813Y9JGoqwOeOPWbnt4CupvIJbU1Mmu4a1"
    "1MNDZ7Sg5u9a:56fa5f4999ad8014de49d7898c1d1d53472569db8999de3c1b752a0dd181e98c:20"
    "20-01-01T00:00:00+07:00"
)
P2_BASE64 = (
    "FSlidRHe4ow9qppNifGVQNcdv67lBjgCiP0BHylh+IKXo4fs2rHaGsFNUY0N8t0rPlZs4iAHAOCDklnCccwuJw=="
)

# A call signed by a public tool
P3_BODY = (
    '{"partnerReferenceNo":"2020102900000000000001","amount":{"value":"12345678.00","'
    'currency":"IDR"},"feeAmount":{"value":"12345678.00","currency":"IDR"},"merchantI'
    'd":"00007100010926","terminalId":"213141251124","validityPeriod":"2009-07-03T12:'
    '08:56-07:00"}'
)
P3_SHA256 = "01463f60dbb6ca538581579dd95b31c8ba9fc6600eca750e4d8460ca4e402111"
P3_BASE64 = (
    "wmzT7yjg1SxxCsxNsFgCR9SYXiZGGbceF6fV8xe97sAMHxZ+7OEBMIBmvb6Sj6GcksGp3iv77DiomgSbcST3XQ=="
)

# A notification of that tool, variant A
P4_BODY = (
    '{"originalPartnerReferenceNo":"GP24043015193402809","originalReferenceNo":"A1202'
    '40430081940S9vu8gSjaRID","merchantId":"G099333790","amount":{"value":"102800.00"'
    ',"currency":"IDR"},"latestTransactionStatus":"00","transactionStatusDesc":"SUCCE'
    'SS","additionalInfo":{"refundHistory":[]}}'
)
P4_SHA256 = "79ebbe6a6b695262dd686d0dedafc57c94e3b3dededf8d63971f8a95699ace85"
P4_RSA = (
    "RoJnP2tH/YiOhHM/lMVBMSAuzRmS8VrWdIy04Qqyb56daV7oWFMFoMMzqnjQ+q0MIUalYgU094GWQnCx"
    "2c29xb1kkqHhv2+iJ9xl6NjGmFGYqyvcKvUDAV83Y1Mw9JnsEcjcupdGw9/MRv/mm2GMrQ+BCZGfc4a4"
    "6JDyPZbcY294vDGqs5rFBN6iYer5ro4cAQGo9hET2G82Y+j50vCyO/79GFE4vB1rvtu6PK2Bxi+vTYV8"
    "k7P7PS8tOPWM2O+kjiVWjwvLR99Botou+a8sxlQqZaihfWMKcByzV+Lgkr9cptpjys+1NIRWT1ad/sJB"
    "SLHyldzC3q2oRn5z5oZmyg=="
)
