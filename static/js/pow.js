/* Proof of work (ALTCHA v1): finds the number whose hash with the salt is the challenge. */
const text = new TextEncoder();
const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

onmessage = async ({ data }) => {
  for (let number = 0; number <= data.maxnumber; number += 1) {
    // One after the other: the point is that it takes a while.
    const hash = await crypto.subtle.digest(data.algorithm, text.encode(data.salt + number));
    if (hex(hash) === data.challenge) {
      const { algorithm, challenge, salt, signature } = data;
      postMessage(btoa(JSON.stringify({ algorithm, challenge, number, salt, signature })));
      return;
    }
  }
  throw new Error("no solution");
};
