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
}
