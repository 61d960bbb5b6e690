"use strict";
// The whole of a merchant's `closeUrl`: takes the overlay away.
parent.postMessage("INIStdPay.close", "*");
