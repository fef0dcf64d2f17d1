#pragma once

#include <openssl/x509.h>

#include <saker/core/certificate.hpp>

namespace saker::transport {

/// What a certificate says. What cannot be read stays empty.
certificate describe(const X509& source);

}  // namespace saker::transport
