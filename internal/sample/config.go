package sample

// demoKey is the public key of every sample: 32 bytes in hex. It protects nothing, and whoever reads the sample is
// told so.
const demoKey = "7661756c747265706f72742d7075626c69632d64656d6f2d6b65792d30303031"

const configFile = `# vaultreport: a sample of synthetic events and tables. Everything in it is invented.
# Relative paths are relative to this file.
zone: Asia/Seoul              # business days begin at midnight here
warehouse: ./warehouse        # lake, marts and reports are written here

events:                       # JSON lines, one source per service
  - name: api
    path: logs/{date}/*.jsonl.gz

tables:                       # the service's tables, here as nightly CSV dumps
  - name: vault-db
    env: prod
    path: dumps/{date}/{table}.csv

privacy:
  key_file: secrets/user.key  # the public demo key: never use it for real data
  k: 5                        # numbers about fewer users than this are not shown
  canaries: canaries.txt      # literals that may occur in nothing that is published
`
