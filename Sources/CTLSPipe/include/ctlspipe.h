// An OpenSSL BIO over memory that its caller lends for the time of one call.
#pragma once
