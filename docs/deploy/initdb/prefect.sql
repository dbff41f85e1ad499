CREATE DATABASE prefect OWNER jieban;
