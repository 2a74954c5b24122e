/** Files that hold secrets by their names, and ordinary files whose names are like theirs. */

import { describe, expect, it } from "vitest";
import { isSecretFile } from "../../../src/completion/gates";

describe("isSecretFile", () => {
    it.each(
        [
            ".env .env.local prod.env local.env .envrc .env~ .env-prod .env.bak",
            "id_rsa id_ed25519_sk id_rsa.bak deploy/server.pem server.pem.bak AuthKey_1.p8 me.asc x.key~",
            ".netrc .npmrc .pgpass .my.cnf .vault_pass .vault_pass.txt .git-credentials",
            "credentials .aws/credentials credentials.json service-account.json service_account-prod.json",
            "secrets.yaml secrets.yml secrets.json prod.tfvars a.auto.tfvars.json terraform.tfstate",
            "terraform.tfstate.backup home/.docker/config.json .docker\\config.json .kube/config kubeconfig",
        ].flatMap((line) => line.split(" ")),
    )("%s is one", (path) => {
        expect(isSecretFile(path)).toBe(true);
    });

    it.each(
        [
            ".env.example .env.sample .env.template prod.env.example environment.ts keys.ts env.d.ts secrets.ts",
            "env.ts credentials.ts src/config.json docker/config.json config secrets.test.ts key.ts",
            "service-account.ts id_rsa.ts pem.go environment.yml main.tf kubeconfig.go process.env.ts",
        ].flatMap((line) => line.split(" ")),
    )("%s is none", (path) => {
        expect(isSecretFile(path)).toBe(false);
    });
});
