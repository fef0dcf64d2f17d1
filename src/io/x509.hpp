#pragma once

#include <openssl/x509.h>

#include <saker/io/certificate.hpp>

namespace saker::io {

/// What a certificate says. What cannot be read stays empty.
certificate describe(const X509& source);

}  // namespace saker::io
