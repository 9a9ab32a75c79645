"""The declarations of all functions, one file for each family."""

from __future__ import annotations

from typing import Final

__all__ = ["LATER"]

#: A file of this folder -> the names and spellings of its public functions, in the order of their declaration.  Such a
#: file is imported when one of these words is met, so that other expressions start without it.
LATER: Final = {
    "error_integrals": "erfcx scaled_erfc erfi dawsn dawson DawsonF erfinv inverf erf_inv InverseErf erfcinv inverfc "
    "erfc_inv InverseErfc lognormcdf log_ndtr log_normcdf lognorm_cdf",
    "beta_functions": "beta Beta euler_beta lbeta betaln logbeta log_beta lnbeta gammainc gamma_p igamma gammaincc "
    "gamma_q igammac betainc regularized_beta ibeta",
    "integrals": "lambertw LambertW lambertw0 lambert_w0 productlog ProductLog lambertwm1 lambert_wm1 LambertWm1 "
    "expint expn En ExpIntegralE expi Ei ei expintei ExpIntegralEi sinint Si SinIntegral cosint Ci CosIntegral "
    "fresnels fresnel_s FresnelS fresnelc fresnel_c FresnelC",
    "bessel_functions": "besselj jv jn BesselJ bessely yv yn BesselY besseli iv BesselI besselk kv kn BesselK "
    "airyai Ai AiryAi airy_ai airyaiprime AiryAiPrime airy_ai_prime airybi Bi AiryBi airy_bi airybiprime AiryBiPrime "
    "airy_bi_prime",
    "zeta_functions": "zeta Zeta riemann_zeta zeta_derivative ellipk EllipticK elliptic_k ellipticK ellipe EllipticE "
    "elliptic_e ellipticE",
}
